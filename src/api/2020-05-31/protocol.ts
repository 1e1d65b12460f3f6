/**
 * API version 2020-05-31: its operations are made of the facts of the model and of their handlers. Nothing
 * is built before the first request of this version, so a server that is never asked in it pays nothing.
 */
import { Refusal } from '../../model/refusal.ts';
import { type Operation, segmentsOf } from '../operation.ts';
import type { Protocol } from '../routes.ts';
import { namespace } from '../../wire/value-writer.ts';
import { readAnyDocument } from '../xml/document.ts';
import { writeXmlFault } from '../xml/fault.ts';
import { facts, type OperationFact } from '../../wire/facts.ts';
import type { AllHandlers } from './handler.ts';
import { handlers } from './handlers.ts';
import { readInput, takesBody } from './reading.ts';
import type { OperationName } from '../../wire/shapes.generated.ts';
import { writeOutput } from './writing.ts';

export const versionRoot = '2020-05-31';
const bodyBytesMax = 1_048_576;
/** 3,000 paths of 4,000 characters. */
const invalidationBytesMax = 16_777_216;

export const version20200531: Protocol = protocolOf(handlers);

export function protocolOf(served: AllHandlers): Protocol {
  let built: readonly Operation[] | undefined;
  return {
    root: versionRoot,
    get operations() {
      built ??= operationsOf(served);
      return built;
    },
    writeFault: (fault, requestId) => writeXmlFault(fault, requestId, namespace),
    unknownPath: (path) => new Refusal('NoSuchOperation', { path }),
    wrongMethod: (method, allowed) => new Refusal('MethodNotAllowed', { method, allowed }),
    service: 'cloudfront',
    signatures: ['v4'],
  };
}

function operationsOf(served: AllHandlers): readonly Operation[] {
  const operations: Operation[] = [];
  for (const [name, fact] of facts().operations) {
    if (isOperationName(name)) operations.push(operationOf(name, fact, served));
  }
  return operations;
}

/** The types are made of the same facts. */
function isOperationName(name: string): name is OperationName {
  return facts().operations.has(name);
}

function operationOf<Name extends OperationName>(
  name: Name,
  fact: OperationFact,
  served: Pick<AllHandlers, Name>,
): Operation {
  const hasBody = takesBody(fact);
  return {
    name,
    method: methodOf(fact),
    path: fact.path,
    segments: segmentsOf(fact.path),
    queryPart: fact.query,
    bodyBytesMax: hasBody ? bytesMaxOf(name) : 0,
    bodyForm: 'xml',
    needsCredentials: true,
    async answer(asked, service) {
      const input = readInput(name, fact, {
        label: (label) => asked.param(label),
        query: asked.query,
        header: (header) => asked.header(header.toLowerCase()),
        root: hasBody && asked.hasBody ? readAnyDocument(asked.body()) : undefined,
      });
      const output = await served[name](input, { ...service, account: asked.account });
      const { body, headers, status } = writeOutput({ ...fact, name }, output);
      if (body === undefined) return { status, headers };
      return { status, headers, body: { type: body.type, text: body.bytes } };
    },
  };
}

function bytesMaxOf(name: OperationName): number {
  return name.startsWith('CreateInvalidation') ? invalidationBytesMax : bodyBytesMax;
}

function methodOf({ method, name }: OperationFact): Operation['method'] {
  switch (method) {
    case 'GET':
    case 'POST':
    case 'PUT':
    case 'DELETE':
      return method;
    default:
      throw new Error(`${name} has the method ${method}`);
  }
}
