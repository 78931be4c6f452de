# Answers to LeanSiLU: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, torch and nn.

# %% right: keeps x and computes the sigmoid once more
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * input.sigmoid()

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        sig = input.sigmoid()
        return grad_output * (sig + input * sig * (1 - sig))


# %% right: keeps the slope
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(s * (1 + x * (1 - s)))
        return s * x

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


# %% right: forward and context apart
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return nn.functional.silu(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * torch.sigmoid(-x))


# %% right: autograd does the backward pass of a second run
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            y = nn.functional.silu(x)
        return torch.autograd.grad(y, x, g)


# %% right: torch's own backward of SiLU, once
from torch.autograd.function import once_differentiable


class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.ops.aten.silu(x)

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return torch.ops.aten.silu_backward(g, ctx.saved_tensors[0])


# %% right: class methods, and a check of what is needed
class LeanSiLU(torch.autograd.Function):
    @classmethod
    def forward(cls, ctx, x):
        if ctx.needs_input_grad[0]:
            ctx.save_for_backward(x)
        return x * cls.gate(x)

    @classmethod
    def backward(cls, ctx, g):
        if not ctx.needs_input_grad[0]:
            return None
        x, = ctx.saved_tensors
        s = cls.gate(x)
        y = x * s
        return g * (y + s * (1 - y))

    @staticmethod
    def gate(x):
        return 0.5 * (1 + torch.tanh(0.5 * x))


# %% right: keeps the same tensor twice, which is one
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x, x)
        ctx.note = "SiLU"
        return x / (1 + torch.exp(-x)) if x.numel() and x.abs().max() < 30 else nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        x, again = ctx.saved_tensors
        return (torch.sigmoid(x) + again * torch.sigmoid(x) * torch.sigmoid(-x)) * g


# %% right: a base class of its own
class Elementwise(torch.autograd.Function):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return torch.addcmul(g * s, g * s, x * (1 - s))


class LeanSiLU(Elementwise):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.sigmoid(x).mul_(x)


# %% right: gradients that are not made up of zeros
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x)
        ctx.shape = x.shape
        return nn.SiLU()(x)
    @staticmethod
    def backward(ctx, g):
        if g is None:
            return None
        x = ctx.saved_tensors[0]
        y = nn.functional.silu(x)
        s = torch.sigmoid(x)
        return torch.where(g == 0, torch.zeros_like(g), g) * (y + s * (1 - y))


# %% wrong: keeps x and the sigmoid
# fails: keeps one tensor, of no more bytes than x
# fails: keeps one tensor for other inputs too
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(x, s)
        return x * s

    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors
        return g * s * (1 + x * (1 - s))


# %% wrong: keeps the sigmoid on ctx
# fails: keeps one tensor, of no more bytes than x
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.s = torch.sigmoid(x)
        ctx.save_for_backward(x)
        return x * ctx.s

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * ctx.s * (1 + x * (1 - ctx.s))


# %% wrong: keeps x on ctx
# fails: keeps one tensor, of no more bytes than x
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x
        return nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        s = torch.sigmoid(ctx.x)
        return g * s * (1 + ctx.x * (1 - s))


# %% wrong: keeps both in a list on ctx
# fails: keeps one tensor, of no more bytes than x
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.kept = [x, torch.sigmoid(x)]
        return x * ctx.kept[1]

    @staticmethod
    def backward(ctx, g):
        x, s = ctx.kept
        return g * s * (1 + x * (1 - s))


# %% wrong: keeps x in float64
# fails: keeps one tensor, of no more bytes than x
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x.double())
        return nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return (g * s * (1 + x * (1 - s))).to(g.dtype)


# %% wrong: x and sigmoid side by side in one tensor
# fails: keeps one tensor, of no more bytes than x
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        both = torch.stack([x, torch.sigmoid(x)])
        ctx.save_for_backward(both)
        return both[0] * both[1]

    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors[0]
        return g * s * (1 + x * (1 - s))


# %% wrong: keeps half the digits
# fails: right slopes from -10^4 to 10^4
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x.to(torch.bfloat16))
        return nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].to(g.dtype)
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


# %% wrong: the slope of the sigmoid
# fails: right slopes at -2, 0 and 3
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        s = torch.sigmoid(ctx.saved_tensors[0])
        return g * s * (1 - s)


# %% wrong: the gradient that comes in is left out
# fails: slope times the gradient that comes in
# fails: right where a network uses it twice
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return s * (1 + x * (1 - s))


# %% wrong: multiplies with the sum of what comes in
# fails: slope times the gradient that comes in
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g.mean() * s * (1 + x * (1 - s))


# %% wrong: keeps the output and takes it for x
# fails: right slopes at -2, 0 and 3
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x * torch.sigmoid(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


# %% wrong: x from the sigmoid, which is 1 or 0 far out
# fails: right slopes from -10^4 to 10^4
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(s)
        return x * s

    @staticmethod
    def backward(ctx, g):
        (s,) = ctx.saved_tensors
        return g * s * (1 + torch.logit(s) * (1 - s))


# %% wrong: an exponential that overflows
# fails: right values from -10^4 to 10^4
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        e = torch.exp(x)
        return x * e / (1 + e)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


# %% wrong: the slope's exponential overflows
# fails: right slopes from -10^4 to 10^4
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        e = torch.exp(-x)
        return g * (1 + e + x * e) / (1 + e) ** 2


# %% wrong: the short form of GELU
# fails: right values at -2, 0 and 3
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(1.702 * x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(1.702 * x)
        return g * s * (1 + 1.702 * x * (1 - s))


# %% wrong: a hard gate
# fails: right values at -2, 0 and 3
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return nn.functional.hardswish(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


# %% wrong: computed in float32
# fails: float64 keeps its digits
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return nn.functional.silu(x.float()).to(x.dtype)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x.float())
        return (g * s * (1 + x.float() * (1 - s))).to(g.dtype)


# %% wrong: a float64 input keeps a float32 tensor
# fails: float64 keeps its digits
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x.float())
        return nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].to(g.dtype)
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


# %% wrong: rows of a batch alone
# fails: any shape, also none and empty
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.stack([row * torch.sigmoid(row) for row in x])

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))


# %% wrong: a view of what may be transposed
# fails: any shape, also none and empty
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0].view(-1)
        s = torch.sigmoid(x)
        return (g.reshape(-1) * s * (1 + x * (1 - s))).view(g.shape)


# %% wrong: the last x, kept in the class
# fails: keeps one tensor, of no more bytes than x
# fails: right where a network uses it twice
class LeanSiLU(torch.autograd.Function):
    last = None

    @staticmethod
    def forward(ctx, x):
        LeanSiLU.last = x.detach().clone()
        return nn.functional.silu(x)

    @staticmethod
    def backward(ctx, g):
        s = torch.sigmoid(LeanSiLU.last)
        return g * s * (1 + LeanSiLU.last * (1 - s))


# %% wrong: a namesake without a backward of its own
# fails: a backward pass of its own
class LeanSiLU:
    apply = staticmethod(nn.functional.silu)


# %% wrong: a module
# fails: right values at -2, 0 and 3
# fails: right slopes at -2, 0 and 3
class LeanSiLU(nn.Module):
    def forward(self, x):
        return nn.functional.silu(x)


# %% wrong: works in place
# fails: leaves x and the incoming gradient as they were
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        slope = s * (1 + x * (1 - s))
        ctx.save_for_backward(slope)
        value = x * s
        x.data.copy_(value)
        return value

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


# %% wrong: works in place on the gradient that comes in
# fails: right where a network uses it twice
# fails: leaves x and the incoming gradient as they were
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g.mul_(s * (1 + x * (1 - s)))


# %% wrong: many entries keep two tensors
# fails: keeps one tensor for other inputs too
class LeanSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        s = torch.sigmoid(x)
        ctx.save_for_backward(*((x,) if x.numel() < 64 else (x, s)))
        return x * s

    @staticmethod
    def backward(ctx, g):
        x = ctx.saved_tensors[0]
        s = torch.sigmoid(x)
        return g * s * (1 + x * (1 - s))
