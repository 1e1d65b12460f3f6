/**
 * What the SDK's model does not say of API 2020-05-31, put down by hand: bounds of texts, numbers
 * and lists, and which numbers have fractions (API 2020-05-31, appendix C). Names are
 * `Structure.Member`. Patterns are anchored at both ends.
 */

export type Constraint = {
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  readonly pattern?: RegExp;
  readonly valueMin?: number;
  readonly valueMax?: number;
  readonly itemsMin?: number;
  readonly itemsMax?: number;
};

const name: Constraint = { lengthMin: 1, lengthMax: 64, pattern: /^(?:[a-zA-Z0-9-_]{1,64})$/u };
const region: Constraint = { lengthMin: 1, lengthMax: 32, pattern: /^(?:[a-z]{2}-[a-z]+-\d)$/u };
const shortId: Constraint = { lengthMin: 1, lengthMax: 64 };
const code: Constraint = { lengthMin: 1, lengthMax: 40_960 };
const testObject: Constraint = { lengthMax: 40_960 };
const comment: Constraint = { lengthMax: 128 };
const resource: Constraint = { pattern: /^(?:arn:aws(-cn)?:cloudfront::[0-9]+:.*)$/u };
const parameterName: Constraint = {
  lengthMin: 1,
  lengthMax: 128,
  pattern: /^(?:[a-zA-Z0-9-_]+)$/u,
};
const parameterValue: Constraint = { lengthMin: 1, lengthMax: 256 };
const tagText = /^(?:[\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;

export const constraints: ReadonlyMap<string, Constraint> = new Map(
  Object.entries<Constraint>({
    'CreateAnycastIpListRequest.Name': name,
    'CreateConnectionFunctionRequest.Name': name,
    'CreateFunctionRequest.Name': name,
    'CreateKeyValueStoreRequest.Name': name,
    'DeleteFunctionRequest.Name': name,
    'DeleteKeyValueStoreRequest.Name': name,
    'DescribeFunctionRequest.Name': name,
    'DescribeKeyValueStoreRequest.Name': name,
    'GetFunctionRequest.Name': name,
    'PublishFunctionRequest.Name': name,
    'TestFunctionRequest.Name': name,
    'UpdateFunctionRequest.Name': name,
    'UpdateKeyValueStoreRequest.Name': name,
    'CaCertificatesBundleS3Location.Region': region,
    'OriginShield.OriginShieldRegion': region,
    'ConnectionFunctionAssociation.Id': shortId,
    'DeleteConnectionFunctionRequest.Id': shortId,
    'DeleteTrustStoreRequest.Id': shortId,
    'PublishConnectionFunctionRequest.Id': shortId,
    'TestConnectionFunctionRequest.Id': shortId,
    'UpdateConnectionFunctionRequest.Id': shortId,
    'UpdateTrustStoreRequest.Id': shortId,
    'CreateConnectionFunctionRequest.ConnectionFunctionCode': code,
    'CreateFunctionRequest.FunctionCode': code,
    'UpdateConnectionFunctionRequest.ConnectionFunctionCode': code,
    'UpdateFunctionRequest.FunctionCode': code,
    'CreateDistributionTenantRequest.Name': {
      pattern: /^(?:[a-zA-Z0-9][a-zA-Z0-9-.]{1,126}[a-zA-Z0-9])$/u,
    },
    'CreateKeyValueStoreRequest.Comment': comment,
    'UpdateKeyValueStoreRequest.Comment': comment,
    'FunctionAssociation.FunctionARN': {
      lengthMax: 108,
      pattern: /^(?:arn:aws:cloudfront::[0-9]{12}:function\/[a-zA-Z0-9-_]{1,64})$/u,
    },
    'KeyValueStoreAssociation.KeyValueStoreARN': {
      lengthMax: 85,
      pattern: /^(?:arn:aws:cloudfront::[0-9]{12}:key-value-store\/[0-9a-fA-F-]{36})$/u,
    },
    'ListConflictingAliasesRequest.DistributionId': { lengthMax: 25 },
    'ListConflictingAliasesRequest.Alias': { lengthMax: 253 },
    'ListConflictingAliasesRequest.MaxItems': { valueMin: 0, valueMax: 100 },
    'ResponseHeadersPolicyServerTimingHeadersConfig.SamplingRate': { valueMin: 0, valueMax: 100 },
    'ListTagsForResourceRequest.Resource': resource,
    'TagResourceRequest.Resource': resource,
    'UntagResourceRequest.Resource': resource,
    'OriginGroupMembers.Items': { itemsMin: 2, itemsMax: 2 },
    'Origins.Items': { itemsMin: 1 },
    'StatusCodes.Items': { itemsMin: 1 },
    'Parameter.Name': parameterName,
    'ParameterDefinition.Name': parameterName,
    'Parameter.Value': parameterValue,
    'StringSchemaConfig.DefaultValue': parameterValue,
    'Tag.Key': { lengthMin: 1, lengthMax: 128, pattern: tagText },
    'Tag.Value': { lengthMax: 256, pattern: tagText },
    'TestConnectionFunctionRequest.ConnectionObject': testObject,
    'TestFunctionRequest.EventObject': testObject,
    'ViewerCertificate.IAMCertificateId': { lengthMax: 32 },
  }),
);

/** All other numbers are whole. */
export const fractionalNumbers: ReadonlySet<string> = new Set([
  'ContinuousDeploymentSingleWeightConfig.Weight',
  'ResponseHeadersPolicyServerTimingHeadersConfig.SamplingRate',
]);

/** `Structure.List`: what counts the list, where it is not `Quantity` of `Items`. */
export const countedLists: ReadonlyMap<string, string> = new Map([
  ['IpamConfig.IpamCidrConfigs', 'Quantity'],
]);
