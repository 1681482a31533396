"""Where descriptions come from: live accounts, saved snapshots, the embedded AWS.

Every source gives a `RawSnapshot`; `aws_json.load` is the one parser that makes it an
inventory. boto3 and moto are imported only by those who use them.
"""
