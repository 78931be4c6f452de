# Answers to swiglu: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, torch and nn.

# %% right: as the formula stands
def swiglu(x, W, V):
    z = x @ W
    return z * torch.sigmoid(z) * (x @ V)


# %% right: silu of torch.nn.functional, other names
import torch.nn.functional as F


def swiglu(inputs, gate_weight, value_weight):
    gate = F.silu(torch.matmul(inputs, gate_weight))
    value = torch.matmul(inputs, value_weight)
    return torch.mul(gate, value)


# %% right: einsum
def swiglu(x, W, V):
    gate = torch.einsum("...d,dh->...h", x, W)
    value = torch.einsum("...d,dh->...h", x, V)
    return gate.sigmoid() * gate * value


# %% right: linear layers on the transposed weights
def swiglu(x, W, V):
    return nn.SiLU()(nn.functional.linear(x, W.T)) * nn.functional.linear(x, V.T)


# %% right: one product for both, cut in two
def swiglu(x, W, V):
    both = x @ torch.cat([W, V], dim=1)
    gate, value = both.chunk(2, dim=-1)
    return nn.functional.silu(gate) * value


# %% right: glu of torch, with the gate once more
def swiglu(x, W, V):
    z = x @ W
    return z * nn.functional.glu(torch.cat([x @ V, z], dim=-1), dim=-1)


# %% right: a fraction whose exponent is bounded
def swiglu(x, W, V):
    z = x @ W
    e = torch.exp(-z.abs())
    gate = torch.where(z >= 0, z / (1 + e), z * e / (1 + e))
    return gate * (x @ V)


# %% right: tensordot and silu in place of its own product
def swiglu(x, W, V):
    z = torch.tensordot(x, W, dims=1)
    return nn.functional.silu(z, inplace=True).mul(torch.tensordot(x, V, dims=1))


# %% right: an autograd function of its own
class Gate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, v):
        ctx.save_for_backward(z, v)
        return z * z.sigmoid() * v

    @staticmethod
    def backward(ctx, g):
        z, v = ctx.saved_tensors
        s = z.sigmoid()
        return g * v * s * (1 + z * (1 - s)), g * z * s


def swiglu(x, W, V):
    return Gate.apply(x @ W, x @ V)


# %% wrong: gate and value exchanged
# fails: one row, worked by hand
def swiglu(x, W, V):
    return (x @ W) * nn.functional.silu(x @ V)


# %% wrong: sigmoid in place of SiLU, which is GLU
# fails: one row, worked by hand
def swiglu(x, W, V):
    return torch.sigmoid(x @ W) * (x @ V)


# %% wrong: GELU in the gate
# fails: one row, worked by hand
def swiglu(x, W, V):
    return nn.functional.gelu(x @ W) * (x @ V)


# %% wrong: the sum in place of the product
# fails: one row, worked by hand
def swiglu(x, W, V):
    return nn.functional.silu(x @ W) + x @ V


# %% wrong: matrices transposed
# fails: one row, worked by hand
def swiglu(x, W, V):
    return nn.functional.silu(x @ W.T) * (x @ V.T)


# %% wrong: SiLU behind the product
# fails: one row, worked by hand
def swiglu(x, W, V):
    return nn.functional.silu((x @ W) * (x @ V))


# %% wrong: one row alone
# fails: a batch of two batches
def swiglu(x, W, V):
    return nn.functional.silu(W.T.mv(x)) * V.T.mv(x)


# %% wrong: a matrix alone
# fails: a batch of two batches
# fails: single rows, stacks and none
def swiglu(x, W, V):
    rows = torch.atleast_2d(x)
    return (nn.functional.silu(torch.mm(rows, W)) * torch.mm(rows, V)).reshape(*x.shape[:-1], W.shape[1])


# %% wrong: batches flattened
# fails: a batch of two batches
# fails: single rows, stacks and none
def swiglu(x, W, V):
    rows = x.flatten(0, -2) if x.ndim > 1 else x
    return nn.functional.silu(rows @ W) * (rows @ V)


# %% wrong: always float32
# fails: float64 in gives float64 out
def swiglu(x, W, V):
    x, W, V = x.float(), W.float(), V.float()
    return nn.functional.silu(x @ W) * (x @ V)


# %% wrong: float32 and back
# fails: float64 in gives float64 out
# fails: right on other numbers
def swiglu(x, W, V):
    gate = nn.functional.silu((x @ W).float())
    return gate.to(x.dtype) * (x @ V)


# %% wrong: computed by NumPy
# fails: a gradient reaches x, W and V
# fails: right gradients for x, W and V
def swiglu(x, W, V):
    z = (x @ W).detach().numpy()
    return torch.from_numpy(z / (1 + 2.718281828459045 ** -z)) * (x @ V).detach()


# %% wrong: the gate is cut off from autograd
# fails: a gradient reaches x, W and V
# fails: right gradients for x, W and V
def swiglu(x, W, V):
    gate = nn.functional.silu(x @ W).detach()
    return gate * (x @ V)


# %% wrong: the sigmoid is cut off from autograd
# fails: right gradients for x, W and V
def swiglu(x, W, V):
    z = x @ W
    return z * torch.sigmoid(z).detach() * (x @ V)


# %% wrong: exponential overflows
# fails: finite for gates far from 0, gradients included
def swiglu(x, W, V):
    z = x @ W
    return z * torch.exp(z) / (1 + torch.exp(z)) * (x @ V)


# %% wrong: gradient of a fraction overflows
# fails: finite for gates far from 0, gradients included
def swiglu(x, W, V):
    z = x @ W
    return z / (1 + torch.exp(-z)) ** 1.0 * (x @ V) if z.abs().max() < 20 else z / (1 + torch.exp(-z)) * (x @ V)


# %% wrong: gate bounded at 50
# fails: finite for gates far from 0, gradients included
def swiglu(x, W, V):
    return nn.functional.silu((x @ W).clamp(-50, 50)) * (x @ V)


# %% wrong: NaN made zero
# fails: finite for gates far from 0, gradients included
def swiglu(x, W, V):
    z = x @ W
    e = torch.exp(z)
    return torch.nan_to_num(z * e / (1 + e)) * (x @ V)


# %% wrong: rows read as they lie in memory
# fails: transposed and strided tensors
def swiglu(x, W, V):
    def flat(t):
        return t.as_strided(t.shape, torch.empty(t.shape).stride())

    return nn.functional.silu(flat(x) @ flat(W)) * (flat(x) @ flat(V))


# %% wrong: view of what may be transposed
# fails: transposed and strided tensors
def swiglu(x, W, V):
    rows = x.view(-1, x.shape[-1])
    return (nn.functional.silu(rows @ W) * (rows @ V)).view(*x.shape[:-1], -1)


# %% wrong: square matrices alone
# fails: right on other numbers
def swiglu(x, W, V):
    return (nn.functional.silu(x @ W) * (x @ V)).reshape(x.shape)


# %% wrong: rounded to four digits for reading
# fails: right on other numbers
def swiglu(x, W, V):
    return torch.round(nn.functional.silu(x @ W) * (x @ V), decimals=4)


# %% wrong: no row is an error
# fails: single rows, stacks and none
def swiglu(x, W, V):
    if x.ndim == 1:
        return nn.functional.silu(x @ W) * (x @ V)
    rows = x.reshape(-1, x.shape[-1])
    done = torch.stack([nn.functional.silu(row @ W) * (row @ V) for row in rows])
    return done.reshape(*x.shape[:-1], W.shape[1])


# %% wrong: scales x in place
# fails: leaves its arguments as they were
def swiglu(x, W, V):
    result = nn.functional.silu(x @ W) * (x @ V)
    x.data.div_(3).mul_(3)
    return result


# %% wrong: bounds W in place
# fails: leaves its arguments as they were
def swiglu(x, W, V):
    result = nn.functional.silu(x @ W) * (x @ V)
    W.data.clamp_(-0.5, 0.5)
    return result
