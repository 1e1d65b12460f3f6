"""Drives botocore: an operation and its parameters in, the parameters that this botocore knows and what it
made of the answer out (see driver.ts). Members that its model does not know are left out of both. {"$bytes":
base64} stands for bytes. Arguments: endpoint, access key id, secret.
"""
import base64
import datetime
import json
import sys

import botocore.session
from botocore import xform_name
from botocore.config import Config

endpoint, key, secret = sys.argv[1:4]
client = botocore.session.get_session().create_client(
    'cloudfront', endpoint_url=endpoint, region_name='us-east-1', aws_access_key_id=key,
    aws_secret_access_key=secret, config=Config(retries={'max_attempts': 0}))
model = client.meta.service_model


def known(value, shape, typed=False):
    """What the shape has a place for. `typed`: numbers that older models take as text are text."""
    if shape is None:
        return {}
    if shape.type_name == 'structure':
        return {name: known(one, shape.members[name], typed)
                for name, one in value.items() if name in shape.members}
    if shape.type_name == 'list':
        return [known(one, shape.member, typed) for one in value]
    return str(value) if typed and shape.type_name == 'string' else value


def given(value):
    if isinstance(value, dict):
        if set(value) == {'$bytes'}:
            return base64.b64decode(value['$bytes'])
        return {name: given(one) for name, one in value.items()}
    if isinstance(value, list):
        return [given(one) for one in value]
    return value


def shown(value):
    if isinstance(value, dict):
        return {name: shown(one) for name, one in value.items() if name != 'ResponseMetadata'}
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    if isinstance(value, datetime.datetime):
        return {'$ms': round(value.timestamp() * 1000)}
    if hasattr(value, 'read'):
        value = value.read()
    if isinstance(value, bytes):
        return {'$bytes': base64.b64encode(value).decode()}
    return value


def obey(order):
    name = order['order']
    if name not in model.operation_names:
        return {'unknown': True}
    operation = model.operation_model(name)
    got = getattr(client, xform_name(name))(**given(known(order['input'], operation.input_shape, True)))
    return {
        'sent': known(order['input'], operation.input_shape),
        'answer': known(order['answer'], operation.output_shape, True),
        'got': shown(got),
    }


for line in sys.stdin:
    try:
        answer = {'ok': obey(json.loads(line))}
    except Exception as error:
        answer = {'failed': repr(error)}
    print(json.dumps(answer), flush=True)
