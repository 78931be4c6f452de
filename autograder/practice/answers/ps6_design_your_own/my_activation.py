# Answers to my_activation: right ones of different designs and styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives torch, nn and Tensor, and every answer defines the function once more.

# %% right: a parabola between two straight pieces, with a dip
def my_activation(x: Tensor) -> Tensor:
    inside = x.clamp(-1, 1)
    hinge = (inside + 1) ** 2 / 4 + (x - inside).clamp(min=0)
    return hinge - 0.3 * torch.exp(-((x + 1.5) ** 2))


# %% right: ELU bent to the slope of its left piece
def my_activation(x):
    negative = torch.expm1(2 * x.clamp(max=0)) / 2
    return torch.where(x > 0, x, negative)


# %% right: Gaussian dip on a shifted softplus
import torch.nn.functional as F


def my_activation(x):
    return F.softplus(x) - 0.5 - 0.4 * torch.exp(-(x**2))


# %% right: an nn.Module with a parameter
class Bent(nn.Module):
    def __init__(self, sharpness):
        super().__init__()
        self.sharpness = nn.Parameter(torch.tensor(sharpness, dtype=torch.float64))

    def forward(self, x):
        return x * torch.sigmoid(self.sharpness.to(x.dtype) * x)


my_activation = Bent(1.5)


# %% right: boolean masks on a new tensor
def my_activation(x):
    out = torch.empty_like(x)
    low, high = x < -2, x > 0
    middle = ~(low | high)
    out[low] = -1.0
    out[middle] = x[middle] + x[middle] ** 2 / 4
    out[high] = x[high]
    return out


# %% right: a lambda around a hyperbola
my_activation = lambda x: 0.5 * (x + torch.sqrt(x * x + 0.25)) - 0.1


# %% right: in place on a copy
def my_activation(x):
    y = x.clone()
    y.mul_(torch.sigmoid(x)).add_(0.1 * torch.cos(x))
    return y


# %% right: a wave that goes on for ever
def my_activation(x):
    return torch.nn.functional.softplus(x) + 0.3 * torch.sin(x)


# %% right: gradient written by hand
class Smooth(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.nn.functional.softplus(2 * x) / 2

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * torch.sigmoid(2 * x)


def my_activation(x):
    return Smooth.apply(x)


# %% right: a slowly rising tail on the left
def my_activation(x):
    left = x.clamp(max=0)
    return torch.where(x > 0, x, left / torch.sqrt(1 + left**2))


# %% right: a gate between a line and a tanh
def my_activation(x):
    gate = torch.sigmoid(2 * x)
    return gate * x + (1 - gate) * 0.5 * torch.tanh(x)


# %% right: a function of one number, spread over the tensor by vmap
import math


def of_one(value):
    return torch.logaddexp(value, torch.zeros_like(value)) - math.log(2)


def my_activation(x):
    return torch.vmap(of_one)(x.reshape(-1)).reshape(x.shape) if x.numel() else torch.empty_like(x)


# %% right: known functions, mixed
def my_activation(x):
    return (nn.functional.mish(x) + nn.functional.elu(x) + nn.GELU(approximate="tanh")(x)) / 3


# %% wrong: ReLU
# fails: no kink at 0
# fails: continuous slope from -100 to 100
def my_activation(x):
    return torch.relu(x)


# %% wrong: Leaky ReLU
# fails: no kink at 0
# fails: continuous slope from -100 to 100
# fails: hardly sinks from -100 to -200
# fails: bounded below
def my_activation(x):
    return torch.where(x > 0, x, 0.01 * x)


# %% wrong: returns its argument
# fails: not a straight line
# fails: same shape and dtype
# fails: rises from 20 to 21
# fails: any shape, also none and empty
def my_activation(x):
    return x


# %% wrong: a straight line with another slope
# fails: not a straight line
# fails: trains like ReLU on the digits
def my_activation(x):
    return 0.7 * x + 0.1


# %% wrong: nearly a straight line
# fails: not a straight line
def my_activation(x):
    return x + 0.001 * torch.nn.functional.softplus(x)


# %% wrong: a constant
# fails: not a straight line
# fails: trains like ReLU on the digits
def my_activation(x):
    return torch.zeros_like(x)


# %% wrong: two pieces meet with different slopes
# fails: no kink at 0
# fails: continuous slope from -100 to 100
def my_activation(x):
    return torch.where(x > 0, x, 1.5 * torch.expm1(x.clamp(max=0)))


# %% wrong: kink away from 0
# fails: continuous slope from -100 to 100
def my_activation(x):
    return torch.nn.functional.softplus(x) + 0.2 * (x - 1.2345).clamp(min=0)


# %% wrong: small kink in a curved place
# fails: continuous slope from -100 to 100
def my_activation(x):
    return torch.nn.functional.silu(x) + 0.03 * (x + 0.777).abs()


# %% wrong: values that jump
# fails: continuous slope from -100 to 100
def my_activation(x):
    return torch.where(x > -2.5, torch.nn.functional.softplus(x), torch.zeros_like(x))


# %% wrong: hardswish
# fails: continuous slope from -100 to 100
def my_activation(x):
    return x * (x + 3).clamp(0, 6) / 6


# %% wrong: slope vanishes on both sides
# fails: rises from 20 to 21
# fails: slope at least 0.05 from 10 to 10^4
def my_activation(x):
    return torch.tanh(x)


# %% wrong: a logarithm on the right
# fails: slope at least 0.05 from 10 to 10^4
# fails: rises from 20 to 21
def my_activation(x):
    return torch.log1p(torch.nn.functional.softplus(x))


# %% wrong: the slope vanishes only far out
# fails: slope at least 0.05 from 10 to 10^4
def my_activation(x):
    return 50 * torch.tanh(torch.nn.functional.softplus(x) / 50)


# %% wrong: falls on the right, sign turned round
# fails: rises from 20 to 21
# fails: slope at least 0.05 from 10 to 10^4
# fails: bounded below
def my_activation(x):
    return -torch.nn.functional.silu(-x)


# %% wrong: a small leak on the left
# fails: bounded below
def my_activation(x):
    return torch.nn.functional.softplus(x) + 0.0005 * x


# %% wrong: sinks like a logarithm
# fails: hardly sinks from -100 to -200
# fails: bounded below
def my_activation(x):
    left = x.clamp(max=0)
    return x.clamp(min=0) - torch.log1p(-left)


# %% wrong: softplus as typed overflows
# fails: finite at -10^4 and 10^4, slope included
# fails: slope at least 0.05 from 10 to 10^4
def my_activation(x):
    return torch.log(1 + torch.exp(x))


# %% wrong: NaN gradient from the branch not taken
# fails: finite at -10^4 and 10^4, slope included
def my_activation(x):
    return torch.where(x > 0, x, torch.expm1(x))


# %% wrong: overflows in float32 only
# fails: finite at -10^4 and 10^4, slope included
def my_activation(x):
    safe = x.clamp(max=600)
    return torch.where(x > 600, x, torch.log1p(torch.exp(safe)))


# %% wrong: both pieces count at 0
# fails: gradient right at -1, 0 and 1
# fails: autograd gives the slope of the values
def my_activation(x):
    left = x.clamp(max=0)
    return x.clamp(min=0) + left / torch.sqrt(1 + left**2)


# %% wrong: another function when a gradient is wanted
# fails: autograd gives the slope of the values
def my_activation(x):
    if x.requires_grad:
        return x * torch.sigmoid(x)
    return x * torch.sigmoid(1.1 * x)


# %% wrong: NaN gradient at 0
# fails: gradient right at -1, 0 and 1
# fails: autograd gives the slope of the values
def my_activation(x):
    return x.clamp(min=0) ** 2 / (1 + torch.sqrt(x**2)) - 0.2 * torch.exp(-(x**2))


# %% wrong: wrong gradient by hand
# fails: autograd gives the slope of the values
class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.nn.functional.softplus(2 * x) / 2

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * torch.sigmoid(x)


def my_activation(x):
    return Scaled.apply(x)


# %% wrong: the gate is detached
# fails: gradient right at -1, 0 and 1
# fails: autograd gives the slope of the values
def my_activation(x):
    return x * torch.sigmoid(x).detach()


# %% wrong: no gradient at all
# fails: gradient right at -1, 0 and 1
# fails: autograd gives the slope of the values
# fails: finite at -10^4 and 10^4, slope included
# fails: trains like ReLU on the digits
def my_activation(x):
    with torch.no_grad():
        return x * torch.sigmoid(x)


# %% wrong: by way of NumPy
# fails: autograd gives the slope of the values
# fails: trains like ReLU on the digits
import numpy as np


def my_activation(x):
    values = x.detach().numpy()
    return torch.from_numpy(np.asarray(values * 0.5 * (1 + np.tanh(values / 2))))


# %% wrong: NumPy on a tensor that needs a gradient
# fails: autograd gives the slope of the values
# fails: trains like ReLU on the digits
import numpy as np


def my_activation(x):
    values = x.numpy()
    return torch.from_numpy(np.asarray(values * 0.5 * (1 + np.tanh(values / 2))))


# %% wrong: returns a NumPy array
# fails: not a straight line
# fails: same shape and dtype
def my_activation(x):
    return (x * torch.sigmoid(x)).detach().numpy()


# %% wrong: float32 whatever comes in
# fails: not a straight line
# fails: same shape and dtype
def my_activation(x):
    x = x.float()
    return x * torch.sigmoid(x)


# %% wrong: float64 comes out of float32
# fails: same shape and dtype
# fails: any shape, also none and empty
# fails: trains like ReLU on the digits
def my_activation(x):
    x = x.double()
    return x * torch.sigmoid(x)


# %% wrong: computes in float32 and converts back
# fails: float64 is computed in float64
def my_activation(x):
    y = x.float()
    return (y * torch.sigmoid(y)).to(x.dtype)


# %% wrong: works on a matrix only
# fails: not a straight line
# fails: any shape, also none and empty
def my_activation(x):
    rows, columns = x.shape
    return x * torch.sigmoid(x)


# %% wrong: fails on an empty tensor
# fails: any shape, also none and empty
def my_activation(x):
    if x.max() < -1e6:
        return torch.zeros_like(x)
    return x * torch.sigmoid(x)


# %% wrong: shape () becomes (1,)
# fails: any shape, also none and empty
def my_activation(x):
    return torch.atleast_1d(x * torch.sigmoid(x))


# %% wrong: flattens
# fails: same shape and dtype
# fails: any shape, also none and empty
# fails: trains like ReLU on the digits
def my_activation(x):
    x = x.flatten()
    return x * torch.sigmoid(x)


# %% wrong: one branch for the whole tensor
# fails: each element by itself
# fails: trains like ReLU on the digits
def my_activation(x):
    if x.sum() > 0:
        return x.clone()
    return torch.expm1(x)


# %% wrong: divides by the largest value
# fails: each element by itself
def my_activation(x):
    return torch.nn.functional.softplus(x) * x.abs().max() / (1 + x.abs().max())


# %% wrong: a softmax times x
# fails: each element by itself
def my_activation(x):
    return x * torch.softmax(x, dim=-1) + torch.nn.functional.softplus(x)


# %% wrong: normalises the batch
# fails: each element by itself
def my_activation(x):
    centred = x - x.mean()
    return torch.nn.functional.softplus(centred)


# %% wrong: random leak as in RReLU
# fails: same input, same output
def my_activation(x):
    return torch.nn.functional.softplus(x) + 0.01 * torch.rand_like(x)


# %% wrong: counts its calls
# fails: same input, same output
calls = 0


def my_activation(x):
    global calls
    calls += 1
    return torch.nn.functional.softplus(x) / (1 + 1e-3 * calls)


# %% wrong: writes into its argument
# fails: leaves its input unchanged
def my_activation(x):
    x *= torch.sigmoid(x.clone())
    return x


# %% wrong: in place by an underscore
# fails: leaves its input unchanged
def my_activation(x):
    return torch.nn.functional.elu_(x)


# %% wrong: much too flat to train
# fails: trains like ReLU on the digits
# fails: slope at least 0.05 from 10 to 10^4
# fails: rises from 20 to 21
def my_activation(x):
    return 0.001 * torch.nn.functional.softplus(x)


# %% wrong: a bend that no pre-activation reaches
# fails: rises from 20 to 21
# fails: trains like ReLU on the digits
def my_activation(x):
    return torch.nn.functional.softplus(x - 40)


# %% wrong: grows like an exponential
# fails: finite at -10^4 and 10^4, slope included
# fails: slope at least 0.05 from 10 to 10^4
def my_activation(x):
    return torch.exp(x)


# %% wrong: a high power
# fails: trains like ReLU on the digits
def my_activation(x):
    return x**8


# %% wrong: waves too narrow to learn
# fails: trains like ReLU on the digits
def my_activation(x):
    return torch.nn.functional.softplus(x) + torch.sin(50 * x)


# %% wrong: a class instead of a function
# fails: not a straight line
# fails: same shape and dtype
class my_activation(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)


# %% wrong: wants a parameter
# fails: not a straight line
# fails: same shape and dtype
def my_activation(x, beta):
    return x * torch.sigmoid(beta * x)


# %% wrong: prints and returns None
# fails: not a straight line
# fails: same shape and dtype
def my_activation(x):
    print(x * torch.sigmoid(x))


# %% wrong: crashes on a name that does not exist
# fails: not a straight line
# fails: trains like ReLU on the digits
def my_activation(x):
    return x * sigmoid(x)


# %% wrong: smooth where the visible checks look
# fails: continuous slope from -100 to 100
# fails: slope at least 0.05 from 10 to 10^4
def my_activation(x):
    return torch.where(x > 19, x, torch.where(x > 3, 3 * torch.ones_like(x), (x**2).clamp(max=3)))
