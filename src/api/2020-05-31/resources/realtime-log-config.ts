/** Configurations of real-time logs (API 2020-05-31, section 4.12): by name or ARN, without ETags. */
import type { Control } from '../../../control/control.ts';
import { arnOf, parseArn } from '../../../model/arn.ts';
import type { AccountId } from '../../../model/ids.ts';
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type { LogStream, RealtimeLogConfig } from '../../../model/resources/realtime-log-config.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Handlers } from '../handler.ts';
import { pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

const kind = 'realtime-log-config';

export const realtimeLogConfigHandlers = {
  async CreateRealtimeLogConfig(input, { account, control }) {
    const config = {
      name: input.Name,
      samplingRate: input.SamplingRate,
      fields: input.Fields,
      streams: input.EndPoints.map(readStream),
    };
    const made = await control.createResource(account, kind, config);
    return { RealtimeLogConfig: write(made) };
  },
  async GetRealtimeLogConfig(input, { account, control }) {
    return { RealtimeLogConfig: write(await find(control, account, input)) };
  },
  async UpdateRealtimeLogConfig(input, { account, control }) {
    const { config: was, id } = await find(control, account, input);
    const config: RealtimeLogConfig = {
      name: was.name,
      samplingRate: input.SamplingRate ?? was.samplingRate,
      fields: input.Fields ?? was.fields,
      streams: input.EndPoints?.map(readStream) ?? was.streams,
    };
    const target = { account, kind, id, ifMatch: undefined } as const;
    return { RealtimeLogConfig: write(await control.replaceResource(target, config)) };
  },
  async DeleteRealtimeLogConfig(input, { account, control }) {
    await control.deleteResource({ account, kind, id: idOf(input), ifMatch: undefined });
    return {};
  },
  async ListRealtimeLogConfigs(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const { items, truncated } = await control.listResources(account, kind, 'all', request);
    const list = {
      MaxItems: request.maxItems,
      Marker: request.marker ?? '',
      IsTruncated: truncated,
      Items: items.map(write),
    };
    const next = truncated ? items.at(-1)?.id : undefined;
    return { RealtimeLogConfigs: next === undefined ? list : { ...list, NextMarker: next } };
  },
} satisfies Handlers;

type Named = { readonly Name?: string | undefined; readonly ARN?: string | undefined };

/** The ARN counts before the name. */
function idOf({ ARN, Name }: Named): string {
  if (ARN === undefined || ARN === '') {
    return Name === undefined || Name === ''
      ? invalidArgument('The parameter Name', 'give a name or an ARN.')
      : Name;
  }
  const target = parseArn(ARN);
  return target?.kind === kind
    ? target.id
    : invalidArgument('The parameter ARN', `it names no ${kind}.`);
}

function find(
  control: Pick<Control, 'findResource'>,
  account: AccountId,
  named: Named,
): Promise<Resource<typeof kind>> {
  return control.findResource(account, kind, idOf(named));
}

function readStream({ KinesisStreamConfig, StreamType }: Wire.EndPoint): LogStream {
  if (StreamType !== 'Kinesis' || KinesisStreamConfig === undefined) {
    return invalidArgument('The parameter StreamType', 'it is Kinesis, with its configuration.');
  }
  const { RoleARN, StreamARN } = KinesisStreamConfig;
  return { type: 'Kinesis', roleArn: RoleARN, streamArn: StreamARN };
}

function write({ account, config, id }: Resource<typeof kind>): Wire.RealtimeLogConfig {
  return {
    ARN: arnOf(account, { kind, id }),
    Name: config.name,
    SamplingRate: config.samplingRate,
    EndPoints: config.streams.map(({ roleArn, streamArn, type }) => ({
      StreamType: type,
      KinesisStreamConfig: { RoleARN: roleArn, StreamARN: streamArn },
    })),
    Fields: config.fields,
  };
}
