"""Drives boto 2: one order a line as JSON in, one answer a line as JSON out (see driver.ts).

Arguments: scheme, host, port, access key id, secret; a proxy's port may follow. With https, the
file that BOTO_CONFIG names says which authority to trust.
"""
import json
import re
import sys

import boto.cloudfront
from boto.cloudfront.distribution import DistributionConfig, StreamingDistributionConfig
from boto.cloudfront.exception import CloudFrontServerError
from boto.cloudfront.invalidation import InvalidationBatch
from boto.cloudfront.logging import LoggingInfo
from boto.cloudfront.origin import CustomOrigin, S3Origin
from boto.cloudfront.signers import TrustedSigners

scheme, host, port, key, secret = sys.argv[1:6]
proxy_port = sys.argv[6] if len(sys.argv) > 6 else None


def connect():
    cf = boto.cloudfront.CloudFrontConnection(
        key, secret, host=host, port=int(port),
        proxy=host if proxy_port else None, proxy_port=proxy_port)
    cf.num_retries = 0
    if scheme == 'http':
        cf.is_secure, cf.protocol = False, 'http'
    return cf


cf = connect()


def origin_of(said):
    if said['type'] == 's3':
        return S3Origin(said['name'])
    ports = {name: said[name] for name in ('http_port', 'https_port') if name in said}
    return CustomOrigin(said['name'], origin_protocol_policy=said.get('policy'), **ports)


def config_of(order):
    kind = DistributionConfig if order['kind'] == 'download' else StreamingDistributionConfig
    config = kind(cf, origin_of(order['origin']), order['enabled'], order.get('reference', ''),
                  order.get('cnames'), order.get('comment', ''))
    if 'signers' in order:
        config.trusted_signers = TrustedSigners(order['signers'])
    if 'logging' in order:
        config.logging = LoggingInfo(order['logging']['bucket'], order['logging']['prefix'])
    if 'root_object' in order:
        config.default_root_object = order['root_object']
    return config


def shown_origin(origin):
    if isinstance(origin, S3Origin):
        return {'type': 's3', 'name': origin.dns_name}
    return {'type': 'custom', 'name': origin.dns_name, 'http_port': origin.http_port,
            'https_port': origin.https_port, 'policy': origin.origin_protocol_policy}


def shown_config(config):
    logging = config.logging
    return {'reference': config.caller_reference, 'enabled': config.enabled,
            'cnames': config.cnames, 'comment': config.comment,
            'origin': shown_origin(config.origin), 'signers': config.trusted_signers,
            'root_object': config.default_root_object,
            'logging': logging and {'bucket': logging.bucket, 'prefix': logging.prefix}}


def shown(distribution):
    active = distribution.active_signers
    return {'id': distribution.id, 'etag': distribution.etag, 'status': distribution.status,
            'domain': distribution.domain_name, 'modified': distribution.last_modified_time,
            'batches': distribution.in_progress_invalidation_batches,
            'active_signers': active and [[one.id, one.key_pair_ids] for one in active],
            'config': shown_config(distribution.config)}


def calls(kind):
    """boto's methods for this kind of distribution."""
    word = 'distribution' if kind == 'download' else 'streaming_distribution'
    return {'create': getattr(cf, 'create_' + word),
            'list': getattr(cf, 'get_all_%ss' % word),
            'info': getattr(cf, 'get_%s_info' % word),
            'config': getattr(cf, 'get_%s_config' % word),
            'put': getattr(cf, 'set_%s_config' % word),
            'delete': getattr(cf, 'delete_' + word)}


def create(order):
    call = calls(order['kind'])['create']
    return shown(call(origin_of(order['origin']), order['enabled'], order.get('reference', ''),
                      order.get('cnames'), order.get('comment', ''),
                      TrustedSigners(order['signers']) if 'signers' in order else None))


def create_whole(order):
    """With the members that create_distribution has no argument for."""
    resource, result = (
        ('distribution', boto.cloudfront.distribution.Distribution)
        if order['kind'] == 'download' else
        ('streaming-distribution', boto.cloudfront.distribution.StreamingDistribution))
    return shown(cf._create_object(config_of(order), resource, result))


def list_all(order):
    summaries = calls(order['kind'])['list']()
    return {'truncated': summaries.is_truncated if hasattr(summaries, 'is_truncated') else None,
            'items': [{'id': one.id, 'status': one.status, 'domain': one.domain_name,
                       'enabled': one.enabled, 'cnames': one.cnames, 'comment': one.comment,
                       'origin': shown_origin(one.origin), 'signers': one.trusted_signers}
                      for one in summaries]}


def info(order):
    return shown(calls(order['kind'])['info'](order['id']))


def config(order):
    read = calls(order['kind'])['config'](order['id'])
    return {'etag': read.etag, 'config': shown_config(read)}


def put(order):
    return {'etag': calls(order['kind'])['put'](order['id'], order['etag'], config_of(order))}


def write_back(order):
    """Reads the configuration and sends it back as it was read."""
    read = calls(order['kind'])['config'](order['id'])
    return {'etag': calls(order['kind'])['put'](order['id'], read.etag, read)}


def update(order):
    """boto's own way to change a few members."""
    distribution = calls(order['kind'])['info'](order['id'])
    distribution.update(order.get('enabled'), order.get('cnames'), order.get('comment'))
    return {'etag': distribution.etag}


def delete(order):
    calls(order['kind'])['delete'](order['id'], order['etag'])
    return {}


def put_identity(order):
    """boto sends this one to the path of a distribution."""
    from boto.cloudfront.identity import OriginAccessIdentityConfig
    cf.set_origin_access_identity_config(
        order['id'], order['etag'], OriginAccessIdentityConfig(cf, 'ref', 'comment'))
    return {}


def shown_identity(identity):
    return {'id': identity.id, 'etag': identity.etag, 'user': identity.s3_user_id,
            'reference': identity.config.caller_reference, 'comment': identity.config.comment}


def create_identity(order):
    return shown_identity(cf.create_origin_access_identity(order['reference'], order['comment']))


def identity_info(order):
    return shown_identity(cf.get_origin_access_identity_info(order['id']))


def identity_config(order):
    read = cf.get_origin_access_identity_config(order['id'])
    return {'etag': read.etag, 'reference': read.caller_reference, 'comment': read.comment}


def list_identities(order):
    return {'items': [{'id': one.id, 'user': one.s3_user_id, 'comment': one.comment}
                      for one in cf.get_all_origin_access_identity()]}


def delete_identity(order):
    cf.delete_origin_access_identity(order['id'], order['etag'])
    return {}


def update_identity(order):
    """boto's own way to change the comment."""
    cf.get_origin_access_identity_info(order['id']).update(order['comment'])
    return {}


def attach_identity(order):
    """A distribution asks its bucket as this identity, or as nobody."""
    read = cf.get_distribution_config(order['distribution'])
    read.origin = S3Origin(order['name'], order.get('identity'))
    return {'etag': cf.set_distribution_config(order['distribution'], read.etag, read)}


def shown_batch(batch):
    return {'id': batch.id, 'status': batch.status, 'created': batch.create_time,
            'paths': batch.paths, 'reference': batch.caller_reference}


def invalidate(order):
    paths = order['paths']
    if 'reference' in order:
        paths = InvalidationBatch(paths, caller_reference=order['reference'])
    return shown_batch(cf.create_invalidation_request(order['distribution'], paths))


def invalidation_status(order):
    return shown_batch(cf.invalidation_request_status(order['distribution'], order['id']))


def list_invalidations(order):
    listed = cf.get_invalidation_requests(
        order['distribution'], order.get('marker'), order.get('max'))
    return {'truncated': listed.is_truncated, 'next': listed.next_marker,
            'items': [{'id': one.id, 'status': one.status} for one in listed]}


orders = {'create': create, 'create_whole': create_whole, 'list': list_all, 'info': info,
          'config': config, 'put': put, 'write_back': write_back, 'update': update,
          'delete': delete, 'put_identity': put_identity, 'create_identity': create_identity,
          'identity_info': identity_info, 'identity_config': identity_config,
          'list_identities': list_identities, 'delete_identity': delete_identity,
          'update_identity': update_identity, 'attach_identity': attach_identity,
          'invalidate': invalidate, 'invalidation_status': invalidation_status,
          'list_invalidations': list_invalidations}

for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = {'ok': orders[order['order']](order)}
    except CloudFrontServerError as error:
        code = re.search('<Code>(.*?)</Code>', error.body)
        answer = {'refused': {'status': error.status, 'code': code and code.group(1)}}
    except Exception as error:
        answer = {'failed': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
