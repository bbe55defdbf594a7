"""Several accelerators that share every batch, each with a copy of the network: only JAX, only on one machine."""

import keras

from masquerade.errors import InputError


def use_devices(count: int) -> None:
    """Let ``count`` devices share the batches of all networks that are built or loaded from here on.

    The losses, the triplets inside a batch and batch normalisation still see the whole batch, so that the result is
    that of one device but for the last digits.

    Args:
        count: ``devices`` of params.yaml; 1 ends an earlier sharing.

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
