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


# %% right: written from the task alone, arctangent gate
def my_activation(x):
    """x times a gate with long tails; tends to -1/pi on the far left."""
    return x * (0.5 + torch.atan(x) / torch.pi)


# %% right: written from the task alone, autograd function with its own backward
class Swish(torch.autograd.Function):
    """x sigmoid(1.2 x), with its slope written out."""

    @staticmethod
    def forward(ctx, x):
        gate = torch.sigmoid(1.2 * x)
        ctx.save_for_backward(x, gate)
        return x * gate

    @staticmethod
    def backward(ctx, upstream):
        x, gate = ctx.saved_tensors
        return upstream * (gate + 1.2 * x * gate * (1 - gate))


my_activation = Swish.apply


# %% right: written from the task alone, log cosh
def my_activation(x):
    """log cosh: rises on both sides, slope tanh(x)."""
    return torch.logaddexp(x, -x) - 0.6931471805599453


# %% right: written from the task alone, module with a buffer
class Bent(nn.Module):
    """Mish with a shift that makes it 0 at 0.5."""

    def __init__(self, shift):
        super().__init__()
        self.register_buffer("shift", torch.tensor(shift, dtype=torch.float64))

    def forward(self, x):
        return nn.functional.mish(x - self.shift.to(x.dtype))


my_activation = Bent(0.5)


# %% right: written from the task alone, power of one and a half
def my_activation(x):
    """Slope 0.6 sqrt(x) on the right, 0 on the left."""
    return 0.4 * nn.functional.relu(x) ** 1.5


# %% right: written from the task alone, ripples on gelu
def my_activation(x):
    """GELU with a ripple: the slope on the right swings between 0.7 and 1.3."""
    return nn.functional.gelu(x) + 0.3 * torch.sin(x)


# %% right: written from the task alone, smooth pieces
def my_activation(x):
    """0 up to -1, a parabola to 1, then the straight line x: values and slopes agree at both places."""
    return torch.where(x <= -1, torch.zeros_like(x), torch.where(x < 1, (x + 1) ** 2 / 4, x))


# %% right: written from the task alone, squared relu
def my_activation(x):
    """ReLU squared, a quarter of it: differentiable at 0, exact zeros on the left."""
    return 0.25 * x.clamp(min=0).square()


# %% right: written from the task alone, squareplus
def my_activation(x):
    return (x + torch.sqrt(x * x + 1)) / 2


# %% wrong: written from the task alone, absolute value has slope 0 at 0
# fails: gradient right at -1, 0 and 1
# wrong: autograd gives relu and abs the slope 0 at 0, where the function has the slope 1/2 more
def my_activation(x: torch.Tensor) -> torch.Tensor:
    positive = torch.relu(x)
    dip = torch.exp(-((x + 1.5) ** 2))
    return positive + torch.log1p(torch.exp(-x.abs())) - 0.4 * dip


# %% wrong: written from the task alone, changes its argument
# fails: leaves its input unchanged
# wrong: clamps the argument in place
def my_activation(x):
    y = nn.functional.silu(x)
    with torch.no_grad():
        x.clamp_(-1e6, 50)
    return y


# %% wrong: written from the task alone, computed in float32
# fails: float64 is computed in float64
# wrong: in float64, compute in float64
def my_activation(x):
    return nn.functional.silu(x.float()).to(x.dtype)


# %% wrong: written from the task alone, depends on the other elements
# fails: each element by itself
# wrong: the gate depends on the mean of all elements
def my_activation(x):
    return x * torch.sigmoid(x - 0.01 * x.mean())


# %% wrong: written from the task alone, elu with a corner
# fails: no kink at 0
# wrong: from the left the slope at 0 is 1.5, from the right 1
def my_activation(x):
    return torch.where(x > 0, x, 1.5 * torch.expm1(x.clamp(max=0)))


# %% wrong: written from the task alone, flat on the right
# fails: slope at least 0.05 from 10 to 10^4
# wrong: the slope of tanh vanishes on the right
def my_activation(x):
    return torch.tanh(x) + 0.01 * nn.functional.softplus(x)


# %% wrong: written from the task alone, gradient counts two pieces
# fails: gradient right at -1, 0 and 1
# wrong: both clamps have slope 1 at 0, so autograd says 2
def my_activation(x):
    return x.clamp(min=0) + torch.expm1(x.clamp(max=0))


# %% wrong: written from the task alone, gradient is nan far out
# fails: finite at -10^4 and 10^4, slope included
# wrong: exp overflows in the branch that does not count, and inf times 0 is NaN
def my_activation(x):
    return torch.where(x > 20, x, torch.log1p(torch.exp(x)))


# %% wrong: written from the task alone, hardswish
# fails: continuous slope from -100 to 100
# wrong: kinks at -3 and 3
def my_activation(x):
    return nn.functional.hardswish(x)


# %% wrong: written from the task alone, kink at seventy
# fails: continuous slope from -100 to 100
# wrong: the slope falls from 1 to 0.9 at 70
def my_activation(x):
    return nn.functional.silu(x) - 0.1 * torch.relu(x - 70)


# %% wrong: written from the task alone, leak from minus 3000 on
# fails: bounded below
# wrong: from -3000 on it sinks without end
def my_activation(x):
    return nn.functional.silu(x) - 0.1 * nn.functional.softplus(-x - 3000)


# %% wrong: written from the task alone, logarithm on the left
# fails: bounded below
# wrong: the logarithm has no lower bound
def my_activation(x):
    return torch.where(x > 0, x, -torch.log1p(x.clamp(max=0).abs()))


# %% wrong: written from the task alone, noise
# fails: same input, same output
# wrong: not the same output for the same input
def my_activation(x):
    return nn.functional.silu(x) * (1 + 1e-6 * torch.rand_like(x))


# %% wrong: written from the task alone, overflow of a power
# fails: finite at -10^4 and 10^4, slope included
# wrong: x to the 4th times exp overflows in float32
def my_activation(x):
    return x * torch.exp(x) / (1 + torch.exp(x))


# %% wrong: written from the task alone, slope comes down to zero on the right
# fails: slope at least 0.05 from 10 to 10^4
# wrong: the slope 1 + cos(x) touches 0 again and again
def my_activation(x):
    return nn.functional.softplus(x) + torch.sin(x)


# %% wrong: written from the task alone, small leak
# fails: bounded below
# wrong: it sinks for ever, by 0.001 x
def my_activation(x):
    return nn.functional.softplus(x) - 0.001 * nn.functional.softplus(-x)


# %% wrong: written from the task alone, snake
# fails: bounded below
# wrong: x + sin(x)^2 is not bounded below, and its slope 1 + sin(2x) comes down to 0 again and again
def my_activation(x):
    return x + torch.sin(x) ** 2


# %% wrong: written from the task alone, staircase slope of a linear table
# fails: continuous slope from -100 to 100
# wrong: straight pieces between the points of a table; the slope jumps at each of 801 places, by at most 0.0075
KNOTS = torch.linspace(-12.003, 12.011, 801, dtype=torch.float64)
VALUES = nn.functional.softplus(KNOTS)


def my_activation(x):
    knots, values = KNOTS.to(x.dtype), VALUES.to(x.dtype)
    i = (torch.bucketize(x.detach(), knots) - 1).clamp(0, len(knots) - 2)
    slope = (values[i + 1] - values[i]) / (knots[i + 1] - knots[i])
    line = values[i] + slope * (x - knots[i])
    return torch.where(x < knots[0], values[0] + 0 * x, torch.where(x > knots[-1], values[-1] + (x - knots[-1]), line))


# %% wrong: written from the task alone, too weak to train
# fails: trains like ReLU on the digits
# wrong: almost flat around 0, the network hardly learns
def my_activation(x):
    return torch.where(x > 5, 0.2 * (x - 5) + 0.05, 0.05 * torch.exp(4 * (x.clamp(max=5) - 5)))


# %% wrong: written from the task alone, view needs contiguous
# fails: any shape, also none and empty
# wrong: view fails for a transposed tensor
def my_activation(x):
    return nn.functional.silu(x.view(-1)).view(x.shape)


# %% right: autograd function
class _SquarePlus(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        root = torch.hypot(x, torch.ones_like(x))
        ctx.save_for_backward(x, root)
        return 0.5 * (x + root)

    @staticmethod
    def backward(ctx, upstream):
        x, root = ctx.saved_tensors
        return upstream * 0.5 * (1 + x / root)


def my_activation(x: Tensor) -> Tensor:
    return _SquarePlus.apply(x)


# %% right: module instance
class _Mix(nn.Module):
    """Half GELU, half a steep Swish, plus a small shift."""

    def __init__(self, beta=1.5):
        super().__init__()
        self.beta = beta

    def forward(self, x: Tensor) -> Tensor:
        return 0.5 * nn.functional.gelu(x) + 0.5 * x * torch.sigmoid(self.beta * x) - 0.05


my_activation = _Mix()


# %% right: quadratic joint
def my_activation(x: Tensor) -> Tensor:
    """0, a parabola from -1 to 1, then x: values and slopes agree at both joints."""
    middle = (x + 1).square() / 4
    return torch.where(x < -1, torch.zeros_like(x), torch.where(x > 1, x, middle))


# %% wrong: computed in float32
# fails: autograd gives the slope of the values
# fails: float64 is computed in float64
# fails: each element by itself
def my_activation(x: Tensor) -> Tensor:
    single = x.float()
    return (single * torch.sigmoid(1.3 * single)).to(x.dtype)


# %% wrong: kink at five
# fails: continuous slope from -100 to 100
def my_activation(x: Tensor) -> Tensor:
    return nn.functional.gelu(x) - 0.3 * torch.relu(x - 5)


# %% wrong: logarithmic leak
# fails: bounded below
def my_activation(x: Tensor) -> Tensor:
    left = -0.05 * torch.log1p(-20 * torch.where(x < 0, x, torch.zeros_like(x)))
    return torch.where(x < 0, left, x)
