"""Several accelerators on one machine that share every batch, each with a copy of the network; JAX only."""

import keras

from masquerade.errors import InputError


def use_devices(count: int) -> None:
    """Let ``count`` devices share the batches of all networks built or loaded from now on.

    Losses, triplets and batch normalisation still see the whole batch, so the result equals that of one device up to
    rounding.

    Args:
        count: ``devices`` of params.yaml; 1 ends sharing.

    Raises:
        InputError: the backend is not JAX, or there are fewer devices.
    """
    if count == 1:
        keras.distribution.set_distribution(None)
        return
    backend = keras.backend.backend()
    if backend != "jax":
        raise InputError(f"params.yaml: devices: {count} needs the JAX backend, not {backend}: set KERAS_BACKEND=jax")
    found = keras.distribution.list_devices()
    if count > len(found):
        raise InputError(f"params.yaml: devices: must be at most {len(found)}, as there are {', '.join(found)}")
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=found[:count]))


def share() -> int:
    """Return the number of devices that share a batch."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else distribution.num_model_replicas
