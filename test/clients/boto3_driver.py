"""Drives boto3: one order a line as JSON in, one answer a line as JSON out (see driver.ts).

An order is an operation as the service calls it, with its parameters; {"$bytes": text} stands for
bytes. `wait` is an order too: a waiter's name and its parameters. Arguments: endpoint, access key id,
secret.
"""
import base64
import datetime
import json
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, key, secret = sys.argv[1:4]
client = boto3.client(
    'cloudfront', endpoint_url=endpoint, region_name='us-east-1', aws_access_key_id=key,
    aws_secret_access_key=secret, config=Config(retries={'max_attempts': 0}))


def given(value):
    if isinstance(value, dict):
        if set(value) == {'$bytes'}:
            return value['$bytes'].encode()
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
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, 'read'):
        return value.read().decode()
    return value


def obey(order):
    name = order.pop('order')
    if name == 'wait':
        client.get_waiter(order['waiter']).wait(
            **given(order['parameters']), WaiterConfig={'Delay': 1, 'MaxAttempts': 30})
        return {}
    return shown(getattr(client, xform_name(name))(**given(order)))


for line in sys.stdin:
    try:
        answer = {'ok': obey(json.loads(line))}
    except ClientError as error:
        said = error.response
        answer = {'refused': {
            'status': said['ResponseMetadata']['HTTPStatusCode'],
            'code': said['Error']['Code'],
            'message': said['Error'].get('Message', ''),
        }}
    except Exception as error:  # what the client itself will not do
        answer = {'failed': repr(error)}
    print(json.dumps(answer), flush=True)
