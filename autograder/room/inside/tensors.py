"""Torch tensors as bytes, and back."""

from __future__ import annotations

from typing import Any

import torch

DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        *("bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"),
        *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    )
}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def dtype_name(value: Any) -> str | None:
    """Return the name of a tensor's dtype; None if it is not a plain tensor in this machine's memory."""
    if type(value) is not torch.Tensor or value.layout is not torch.strided or value.device.type != "cpu":
        return None
    return _NAMES.get(value.dtype)


def itemsize(dtype_name: str) -> int | None:
    """Return the number of bytes of one element; None if there is no such dtype."""
    return DTYPES[dtype_name].itemsize if dtype_name in DTYPES else None


def can_have_gradient(dtype_name: str) -> bool:
    """Tell whether tensors of this dtype may require a gradient."""
    return DTYPES[dtype_name].is_floating_point or DTYPES[dtype_name].is_complex


def to_bytes(tensor: torch.Tensor) -> bytes:
    """Return the elements of a plain tensor in row-major order."""
    if not tensor.numel():
        return b""  # one made from an empty NumPy array has stride 0, and cannot be viewed as bytes
    plain = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return plain.view(torch.uint8).numpy().tobytes()


def from_bytes(dtype_name: str, requires_grad: bool, shape: tuple[int, ...], data: bytes) -> torch.Tensor:
    """Return the tensor of these elements; their number fits the shape."""
    dtype = DTYPES[dtype_name]
    flat = torch.frombuffer(bytearray(data), dtype=dtype) if data else torch.empty(0, dtype=dtype)
    return flat.reshape(shape).requires_grad_(requires_grad)


def as_plain(value: torch.Tensor) -> torch.Tensor | None:
    """Return an instance of a subclass, such as a parameter, as a tensor that shares its memory; None if it has none.

    Its gradient, if it has one, goes along.
    """
    with torch._C.DisableTorchFunctionSubclass():
        plain = torch.Tensor.detach(value).as_subclass(torch.Tensor)
        if type(plain) is not torch.Tensor:
            return None
        if value.requires_grad:
            plain.requires_grad_()
            if value.is_leaf and value.grad is not None:
                plain.grad = value.grad.detach().as_subclass(torch.Tensor)
    return plain


def gradient(value: torch.Tensor) -> torch.Tensor | None:
    """Return the gradient that a plain tensor has collected, as one without a gradient; None if there is none."""
    if not (value.requires_grad and value.is_leaf) or type(value.grad) is not torch.Tensor:
        return None
    return value.grad.detach() if dtype_name(value.grad) else None


def attach(value: torch.Tensor, gradient: torch.Tensor) -> bool:
    """Give a tensor its gradient; False if it cannot have this one."""
    if not value.requires_grad or gradient.requires_grad:
        return False
    if value.shape != gradient.shape or value.dtype != gradient.dtype:
        return False
    value.grad = gradient
    return True
