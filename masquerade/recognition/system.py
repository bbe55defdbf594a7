"""What people ask of a recognition system (Fig. 3 and 4): enrol, verify, identify, revoke, renew."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from masquerade.errors import InputError
from masquerade.evaluation.matcher import Matcher
from masquerade.evaluation.pairs import squared_distances
from masquerade.gallery.store import (
    Columns,
    Gallery,
    NoLongerEnrolled,
    Stored,
    Template,
    checked_name,
    columns_of,
    new_number,
)
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import Lock
from masquerade.recognition.contract import RecognitionModel
from masquerade.recognition.scopes import SCOPES

TOGETHER = 64
"""Templates that are painted at once when all are replaced."""

MANY = 1000
"""Changed subjects, from which on the whole gallery is read again: one query each would take longer."""


class Decision(NamedTuple):
    """Whether a probe is the person that it claims to be.

    Attributes:
        matched: d_F ≤ threshold.
        distance: d_F to the nearest template, 0…4. Whoever sees it for many probes can rebuild F(X): docs/keys.md.
        threshold: the largest that matches.
    """

    matched: bool
    distance: float
    threshold: float


class Candidate(NamedTuple):
    """One of the people nearest to a probe."""

    subject: str
    distance: float
    matched: bool


@dataclass
class RecognitionSystem:
    """Templates in a gallery, compared with plain probes by whoever holds the key.

    Attributes:
        name: of the system; its keys are those of no other system.
        fmr: false match rate, 0…1, whose threshold decides.
        scope: ``record``: every template has a key of its own; ``system``: all have the same, so that locked vectors
            can be searched in the database, and templates can be linked.

    Every method raises :class:`InputError` if the gallery cannot be used, or if a record was made with another model or
    another key: that is a mistake of the operator, not a rejection.
    """

    name: str
    model: RecognitionModel
    key: MasterKey
    gallery: Gallery
    fmr: float = 1e-3
    scope: Literal["record", "system"] = "record"

    def __post_init__(self) -> None:
        self.threshold = self.model.calibration.threshold(self.fmr)
        self._scope = SCOPES[self.scope](self.name, self.model.components)
        self.matcher = Matcher(self.threshold)
        self._seen = 0

    def enroll(self, subject: str, images: np.ndarray, actor: str) -> list[int]:
        """Store a template of each image, uint8 (n, h, w, c); return the numbers of their records.

        A gallery stays with one model and one key: nobody could be identified among templates of several.
        """
        subject = checked_name(subject)
        if newest := self.gallery.newest():
            self._check(newest)
        new = self._painted([subject] * len(images), self.model.embed(images), self.key)
        self.gallery.enroll(subject, new, actor)
        return [template.number for template in new]

    def verify(self, subject: str, image: np.ndarray, actor: str) -> Decision:
        """Compare an image, uint8 (h, w, c), with the templates of the subject it claims to be.

        Somebody who is not enrolled is rejected after the same work.
        """
        stored = self.gallery.enrolled(subject)
        (probe,) = self.model.embed(image[None])
        known = self._unlocked(stored) if stored else self._nobody(subject)
        distance = float(squared_distances(probe[None], known).min())
        decision = Decision(bool(stored) and distance <= self.threshold, distance, self.threshold)
        self.gallery.note(actor, "verify", subject, "match" if decision.matched else "no match")
        return decision

    def identify(self, image: np.ndarray, actor: str, count: int = 5) -> list[Candidate]:
        """Return the people nearest to an image, uint8 (h, w, c), nearest first; those that match, and others."""
        self.refresh()
        (found,) = self.nearest(self.model.embed(image[None]), count)
        people = [Candidate(subject, distance, distance <= self.threshold) for subject, distance in found]
        best = people[0].subject if people and people[0].matched else None
        self.gallery.note(actor, "identify", best, "match" if best else "no match")
        return people

    def nearest(self, vectors: np.ndarray, count: int) -> list[list[tuple[str, float]]]:
        """Return the people nearest to F of probes (n, m) and their d_F, from memory and without a line in the log."""
        found = self.matcher.nearest(self.probes(vectors), count)
        return [[(str(subject), distance) for subject, distance in each] for each in found]

    def probes(self, vectors: np.ndarray) -> np.ndarray:
        """Return what F of probes (n, m) become before :attr:`matcher` compares them."""
        return self._scope.probes(vectors, self.key)

    def refresh(self) -> None:
        """Bring the vectors in memory up to what the gallery holds, whoever changed it."""
        last, changed = self.gallery.changes(self._seen)
        if self._seen == 0 or len(changed) > MANY:
            self.matcher = Matcher(self.threshold)
            for columns in self.gallery.columns():
                self._remember(columns)
        else:
            for subject in changed:
                self.matcher.remove(subject)
                if stored := self.gallery.enrolled(subject):
                    self._remember(columns_of(stored))
        self._seen = last

    def revoke(self, subject: str, actor: str) -> int:
        """Let no probe match the subject's templates any more; return how many there were."""
        return self.gallery.revoke(checked_name(subject), actor)

    def renew(self, subject: str, actor: str) -> int:
        """Replace the subject's templates by others under new keys, without its images; return how many.

        Each renewal adds the error of one painting (docs/keys.md): people who are there should enrol again.
        """
        stored = self.gallery.enrolled(subject)
        if not stored:
            raise InputError(f"subject {subject}: has no enrolled template")
        new = self._painted([old.subject for old in stored], self._unlocked(stored), self.key)
        for old, template in zip(stored, new, strict=True):
            self.gallery.replace(old, template, actor)
        return len(stored)

    def renew_all(self, actor: str) -> Iterator[int]:
        """Renew the templates of all subjects; yield how many have been.

        Interrupted, it goes on with the rest when it is called again.
        """
        fresh = self.gallery.begin(actor, "renew all")
        newest = self.gallery.newest()
        last = newest.id if newest else 0
        yield from self._replace_all(lambda old: old.id <= last and old.number not in fresh, self.key, actor, "renew")
        self.gallery.note(actor, "renew all", None, "done")

    def rotate(self, new: MasterKey, actor: str) -> Iterator[int]:
        """Renew all templates under another master secret; yield how many have been.

        It can be interrupted and called again: templates under the new secret are left as they are.
        """
        yield from self._replace_all(lambda old: old.key_epoch != new.epoch, new, actor, "rotate")
        self.key = new

    def _replace_all(self, wanted: Callable[[Stored], bool], key: MasterKey, actor: str, action: str) -> Iterator[int]:
        done = 0
        for stored in self.gallery.all_enrolled():
            chosen = list(filter(wanted, stored))
            for start in range(0, len(chosen), TOGETHER):
                together = chosen[start : start + TOGETHER]
                new = self._painted([old.subject for old in together], self._unlocked(together), key)
                for old, template in zip(together, new, strict=True):
                    try:
                        self.gallery.replace(old, template, actor, action)
                    except NoLongerEnrolled:
                        continue  # it was revoked, or replaced by a template that comes later
                    done += 1
                    yield done

    def _painted(self, subjects: Sequence[str], vectors: np.ndarray, key: MasterKey) -> list[Template]:
        numbers = [new_number() for _ in vectors]
        records = [self._scope.record(subject, number) for subject, number in zip(subjects, numbers, strict=True)]
        images, seen = self.model.paint(vectors, self._lock(records, key))
        rows = zip(numbers, images, seen, strict=True)
        return [Template(number, image, vector, self.model.digest, key.epoch) for number, image, vector in rows]

    def _unlocked(self, stored: Sequence[Stored]) -> np.ndarray:
        for record in stored:
            self._check(record)
        records = [self._scope.record(record.subject, record.number) for record in stored]
        return self._lock(records, self.key).unlock(np.stack([record.vector for record in stored]))

    def _check(self, record: Stored) -> None:
        for what, made, ours, shown in (
            ("model", record.model, self.model.digest, 12),
            ("key", record.key_epoch, self.key.epoch, 16),
        ):
            if made != ours:
                raise InputError(
                    f"record {record.number} of {record.subject}: was made with {what} {made[:shown]}, "
                    f"and this is {what} {ours[:shown]}"
                )

    def _nobody(self, subject: str) -> np.ndarray:
        vector = np.ones((1, len(self._scope.components.directions)), np.float32)
        return self._lock([self._scope.record(subject, new_number())], self.key).unlock(vector)

    def _remember(self, columns: Columns) -> None:
        if set(columns.models) != {self.model.digest} or set(columns.key_epochs) != {self.key.epoch}:
            for record in columns.rows():
                self._check(record)
        records = list(map(self._scope.record, columns.subjects, columns.numbers))
        self.matcher.enroll_all(columns.subjects, self._scope.enrolled(records, columns.vectors, self.key))

    def _lock(self, records: Sequence[Record], key: MasterKey) -> Lock:
        return Lock(self._scope.components, Keyring(key, records))
