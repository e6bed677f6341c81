"""Batches against services that throttle, refuse, drop, cut and lie at random: a model of each.

Whatever happens, a record that a batch calls delivered is one that the service has taken; one that
it calls refused for ever is poison; and, sent again and again, all others arrive.
"""

import json
import random
import sys
from base64 import b64decode

import pytest

from sigv4_mp.errors import ProtocolError, ServiceError
from sigv4_mp.services.dynamodb import dynamodb
from sigv4_mp.services.kinesis import firehose, kinesis
from sigv4_mp.services.sqs import sqs
from targets import ON_TARGET

sys.path.insert(0, str(ON_TARGET))
from aws_script import Service, answer, client_of


class Model(Service):
    """A service with moods. stored: list of the payloads it has taken."""

    def __init__(self, chance, poison):
        super().__init__()
        self.chance = chance
        self.poison = poison
        self.stored = []
        self.requests = 0

    def perform(self, step):
        if step.op == 0:
            if self.chance.random() < 0.05:
                raise OSError(111, "refused")
            self.answers = [b"later"]
        return super().perform(step)

    def _give(self, step):
        if not self._at:
            body = bytes(self._sent).partition(b"\r\n\r\n")[2]
            self._answer = self.mood(self.serve(json.loads(body)))
            self.requests += 1
        return super()._give(step)

    def mood(self, whole):
        """Return the answer, or what is left of it on its way; the records are taken by now."""
        dice = self.chance.random()
        if dice < 0.04:
            raise OSError(104, "reset")
        if dice < 0.08:
            return whole[: self.chance.randrange(len(whole))]
        if dice < 0.10:
            return answer(200, self.chance.choice(["", "{}x", "[]", "<html>", "null", '{"a":']))
        return whole

    def serve(self, request):
        dice = self.chance.random()
        if dice < 0.05:
            return answer(self.chance.choice([500, 503, 429]))
        if dice < 0.08:
            return answer(400, '{"__type":"ThrottlingException"}')
        payloads = [self.payload(entry) for entry in self.entries(request)]
        if self.whole_fails and self.poison & set(payloads):
            return answer(400, '{"__type":"ValidationException","message":"m"}')
        outcomes = []
        for payload in payloads:
            if payload in self.poison:
                outcomes.append("poison")
            elif self.chance.random() < 0.2:
                outcomes.append("later")
            else:
                self.stored.append(payload)
                outcomes.append(None)
        return answer(200, json.dumps(self.answer(request, outcomes)))

    whole_fails = True


class Kinesis(Model):
    field, proof = "Records", "SequenceNumber"

    def make(self):
        return kinesis(client_of("kinesis"), "s", size=700)

    def entries(self, request):
        return request["Records"]

    def payload(self, entry):
        return b64decode(entry["Data"]).decode()

    def answer(self, request, outcomes):
        good, bad = {self.proof: "1"}, {"ErrorCode": "InternalFailure"}
        return {"Failed": 1, self.field: [bad if outcome else good for outcome in outcomes]}


class Firehose(Kinesis):
    field, proof = "RequestResponses", "RecordId"

    def make(self):
        return firehose(client_of("firehose"), "s", size=700)


class Sqs(Model):
    whole_fails = False

    def make(self):
        return sqs(client_of("sqs"), "q")

    def entries(self, request):
        return request["Entries"]

    def payload(self, entry):
        return entry["MessageBody"]

    def answer(self, request, outcomes):
        found = {"Successful": [], "Failed": []}
        for entry, outcome in zip(request["Entries"], outcomes):
            if outcome is None:
                found["Successful"].append({"MessageId": "m", "Id": entry["Id"]})
            else:
                blame = outcome == "poison"
                failed = {"Id": entry["Id"], "Code": "InvalidMessageContents", "SenderFault": blame}
                found["Failed"].append(failed)
        for entries in found.values():
            self.chance.shuffle(entries)
        return {name: entries for name, entries in found.items() if entries}


class DynamoDb(Model):
    def make(self):
        return dynamodb(client_of("dynamodb"), "t")

    def entries(self, request):
        return request["RequestItems"]["t"]

    def payload(self, entry):
        return entry["PutRequest"]["Item"]["data"]["S"]

    def answer(self, request, outcomes):
        entries = zip(self.entries(request), outcomes)
        back = [entry for entry, outcome in entries if outcome]
        self.chance.shuffle(back)
        return {"UnprocessedItems": {"t": back} if back else {}}


def deliver(service, payloads):
    """Deliver as an uploader does; return (delivered, refused)."""
    waiting = list(payloads)
    delivered, refused = [], []
    most = len(waiting)
    for _ in range(3000):
        if not waiting:
            return delivered, refused
        sink = service.make()
        for payload in waiting[:most]:
            if not sink.add(payload, "id-" + payload, 0, 1772366000):
                break
        batch, rest = waiting[: sink.count], waiting[sink.count :]
        try:
            failed = service.run(sink.send())
        except (OSError, ProtocolError):
            continue
        except ServiceError as error:
            if error.code == "ValidationException" and len(batch) == 1:
                assert batch[0] in service.poison
                refused += batch
                waiting = rest
                most = len(payloads)
            elif error.code == "ValidationException":  # of the first three, none was taken
                most = len(batch) // 2
            continue
        assert sorted(index for index, _, _ in failed) == [index for index, _, _ in failed]
        left = []
        fates = {index: permanent for index, _, permanent in failed}
        for index, payload in enumerate(batch):
            if index not in fates:
                delivered.append(payload)
                assert payload in service.stored
            elif fates[index]:
                refused.append(payload)
                assert payload in service.poison
            else:
                left.append(payload)
        waiting = left + rest
    raise AssertionError("no end: %d left" % len(waiting))


@pytest.mark.parametrize("kind", [Kinesis, Firehose, Sqs, DynamoDb])
@pytest.mark.parametrize("share", [0, 0.03, 0.3])
def test_nothing_is_lost_nothing_is_made_up(kind, share):
    for seed in range(40):
        chance = random.Random(seed)
        payloads = ["%d %s" % (number, "x" * chance.randrange(40)) for number in range(60)]
        poison = {payload for payload in payloads if chance.random() < share}
        service = kind(chance, poison)
        delivered, refused = deliver(service, payloads)
        assert sorted(delivered + refused) == sorted(payloads), seed
        assert set(refused) == poison
        assert set(service.stored) == set(payloads) - poison
        assert service.requests < 400
