"""Looks for the records that make a service refuse a whole batch. Loaded when one is refused."""

from ..net.steps import const
from .batch import REFUSED, WAITING

_SUSPECTS = const(3)  # refused in a row, none accepted: then it is not the data
# Errors that may be the fault of one record; what is wrong with account or stream has other codes.
_BLAMES_DATA = (
    " ValidationException ValidationError ValidationErrorException SerializationException"
    " InvalidParameterException InvalidParameterValue InvalidParameterValueException"
    " InvalidParameterCombinationException InvalidArgumentException InvalidRequestException"
    " InvalidRequestContentException InvalidMessageContents BatchRequestTooLong"
    " RequestTooLargeException RequestEntityTooLargeException InvalidParameter 413 "
)


class Hunt:
    """Looks for the records that make a service refuse a whole batch, by halving it."""

    def __init__(self, batch):
        self._batch = batch
        self._some = batch.count  # how many waiting records go into the next request
        self._near = False  # a record to be found is among the next _some, or those after
        self._suspects = []  # refused alone, while nothing has been accepted yet
        self._accepted = batch.settled() > 0
        self._error = None

    def next_high(self):
        """Return the index below which the waiting records go into the next request."""
        left = self._some
        for i in range(self._batch.count):
            if self._batch.states[i] == WAITING:
                left -= 1
                if not left:
                    return i + 1
        return self._batch.count

    def refused(self, error):
        """Take the service's refusal of a whole request. Raises: it, where it says no more."""
        blamed = error.status in (400, 413) and " %s " % error.code in _BLAMES_DATA
        if not blamed:
            self.give_back()
            raise error
        waiting = [i for i in range(self._batch.high) if self._batch.states[i] == WAITING]
        if len(waiting) > 1:
            self._near = True
            self._some = len(waiting) // 2
            return
        self._near = False
        self._batch.states[waiting[0]] = REFUSED
        self._batch.codes[waiting[0]] = error.code
        self._error = error
        if self._accepted:
            self._some = self._batch.count
        else:
            self._suspects.append(waiting[0])
            if len(self._suspects) == _SUSPECTS:
                self.finish()

    def accepted(self):
        """Note that a request was accepted."""
        self._accepted = True
        self._suspects = []
        if not self._near:
            self._some = self._batch.count

    def finish(self):
        """Raise the refusal where every record met it: then it is not their fault."""
        if self._suspects and not self._accepted:
            error = self._error
            self.give_back()
            raise error

    def give_back(self):
        """Let the suspects wait again: nothing is proved against them."""
        for i in self._suspects:
            self._batch.states[i] = WAITING
            self._batch.codes.pop(i)
        self._suspects = []
