/**
 * The items of key-value stores, which are another service than the one that makes the stores: JSON,
 * errors of its own, and its name in the scope of signatures (API 2020-05-31, section 4.9). A store is
 * named by its ARN, in the path.
 */
import { Refusal } from '../../model/refusal.ts';
import { jsonBody } from '../private/json-form.ts';
import type { Fault } from '../refusals.ts';
import type { Protocol, WrittenFault } from '../routes.ts';
import { deleteKey, getKey, putKey } from './one-key.ts';
import { describeStore, listKeys, updateKeys } from './store.ts';

export const keyValueStores: Protocol = {
  root: 'key-value-stores',
  operations: [describeStore, listKeys, updateKeys, getKey, putKey, deleteKey],
  writeFault,
  unknownPath: (path) => new Refusal('NoSuchOperation', { path }),
  wrongMethod: (method, allowed) => new Refusal('MethodNotAllowed', { method, allowed }),
  service: 'cloudfront-keyvaluestore',
  signatures: ['v4'],
};

type Told = { readonly name: string; readonly status: number };

/** The service has six errors; what it does not tell apart is told by its message. */
function writeFault(fault: Fault, requestId: string): WrittenFault {
  const { name, status } = toldAs(fault);
  const { text, type } = jsonBody({ Message: fault.message });
  return {
    status,
    type,
    text,
    headers: { 'x-amzn-errortype': name, 'x-amzn-requestid': requestId },
  };
}

function toldAs({ code, status }: Fault): Told {
  switch (code) {
    case 'EntityNotFound':
      return { name: 'ResourceNotFoundException', status: 404 };
    case 'PreconditionFailed':
    case 'InvalidIfMatchVersion':
      return { name: 'ConflictException', status: 409 };
    case 'EntitySizeLimitExceeded':
      return { name: 'ServiceQuotaExceededException', status: 402 };
    default:
  }
  if (status >= 500) return { name: 'InternalServerException', status };
  if (status === 403) return { name: 'AccessDeniedException', status };
  return { name: 'ValidationException', status: status === 404 || status === 405 ? status : 400 };
}
