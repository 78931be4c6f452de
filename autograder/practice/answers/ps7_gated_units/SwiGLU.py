# Answers to SwiGLU: right ones in different styles, wrong ones with the checks that fail each.
# Each stands alone: the notebook gives copy, torch and nn. swiglu is the student's own and may be wrong.

# %% right: three linear layers under other names
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        w = (2 * hidden + 1) // 3
        self.w1 = nn.Linear(d, w, bias=False)
        self.w3 = nn.Linear(d, w, bias=False)
        self.w2 = nn.Linear(w, d, bias=False)

    def forward(self, x):
        return self.w2(nn.functional.silu(self.w1(x)) * self.w3(x))


# %% right: three parameters as in the formula
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        w = round(hidden * 2 / 3)
        self.W = nn.Parameter(torch.randn(d, w) / d**0.5)
        self.V = nn.Parameter(torch.randn(d, w) / d**0.5)
        self.U = nn.Parameter(torch.randn(w, d) / w**0.5)

    def forward(self, x):
        z = x @ self.W
        return (z * z.sigmoid() * (x @ self.V)) @ self.U


# %% right: gate and value in one layer
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.width = round(2 * hidden / 3)
        self.into = nn.Linear(d, 2 * self.width, bias=False)
        self.out = nn.Linear(self.width, d, bias=False)

    def forward(self, x):
        value, gate = self.into(x).split(self.width, dim=-1)
        return self.out(value * nn.functional.silu(gate))


# %% right: the output layer is declared first
class SwiGLU(nn.Module):
    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        width = int(2 * hidden / 3 + 0.5)
        self.layers = nn.ModuleDict({
            "down": nn.Linear(width, d, bias=False),
            "up": nn.Linear(d, width, bias=False),
            "gate": nn.Linear(d, width, bias=False),
        })

    def forward(self, x):
        gate = nn.functional.silu(self.layers["gate"](x))
        return self.layers["down"](gate * self.layers["up"](x))


# %% right: a stack of three matrices in one parameter
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.weights = nn.Parameter(torch.empty(3, width, d).uniform_(-1, 1) * d**-0.5)

    def forward(self, x):
        V, W, U = self.weights
        return (nn.functional.silu(x @ W.T) * (x @ V.T)) @ U


# %% right: gate and value beside each other in one matrix
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.pairs = nn.Linear(d, 2 * width, bias=False)
        self.back = nn.Parameter(torch.randn(d, width) * width**-0.5)

    def forward(self, x):
        pairs = self.pairs(x)
        return (nn.functional.silu(pairs[..., ::2]) * pairs[..., 1::2]) @ self.back.mT


# %% right: layers that find their width at the first call
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.gate, self.value = nn.LazyLinear(width, bias=False), nn.LazyLinear(width, bias=False)
        self.out = nn.LazyLinear(d, bias=False)

    def forward(self, x):
        return self.out(nn.functional.silu(self.gate(x)) * self.value(x))


# %% right: a Sequential subclass with an inner module
class Gated(nn.Module):
    def __init__(self, d, width):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(d, width, bias=False), nn.SiLU())
        self.value = nn.Linear(d, width, bias=False)

    def forward(self, x):
        return self.gate(x) * self.value(x)


class SwiGLU(nn.Sequential):
    def __init__(self, d, hidden):
        width = round(2 * hidden / 3)
        super().__init__(Gated(d, width), nn.Linear(width, d, bias=False))


# %% right: Xavier's initialisation in a ParameterDict
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 / 3 * hidden)
        shapes = {"W": (width, d), "V": (width, d), "U": (d, width)}
        self.p = nn.ParameterDict({name: nn.init.xavier_normal_(torch.empty(shape)) for name, shape in shapes.items()})

    def forward(self, x):
        linear = nn.functional.linear
        return linear(nn.functional.silu(linear(x, self.p["W"])) * linear(x, self.p["V"]), self.p["U"])


# %% right: one flat parameter, cut in three
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.d, self.w = d, round(2 * hidden / 3)
        self.flat = nn.Parameter(torch.rand(3 * self.d * self.w) - 0.5)
    def forward(self, x):
        U, W, V = self.flat.view(3, -1)
        W, V, U = W.view(self.d, self.w), V.view(self.w, self.d).T, U.view(self.w, self.d)
        return torch.einsum("...w,wd->...d", nn.functional.silu(x @ W) * (x @ V), U)


# %% right: a list of parameters and a further argument
class SwiGLU(nn.Module):
    def __init__(self, d, hidden, width=None):
        super().__init__()
        width = width or round(hidden / 1.5)
        make = lambda *s: nn.Parameter(nn.init.kaiming_uniform_(torch.empty(*s), a=5 ** 0.5))
        self.gate_and_value = nn.ParameterList([make(d, width), make(d, width)])
        self.down = make(width, d)
    def forward(self, x):
        gate, value = (x @ weight for weight in self.gate_and_value)
        return (nn.functional.silu(gate) * value) @ self.down


# %% wrong: the full width
# fails: all weights 0.5, worked by hand
# fails: 1152 weights for (12, 48), as in the ReLU block
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.W, self.V = nn.Linear(d, hidden, bias=False), nn.Linear(d, hidden, bias=False)
        self.U = nn.Linear(hidden, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: eight thirds of d, whatever hidden is
# fails: all weights 0.5, worked by hand
# fails: right with any weights
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(8 * d / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: two thirds of the width it has
# fails: all weights 0.5, worked by hand
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = hidden // 2
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: layers with biases
# fails: all weights 0.5, worked by hand
# fails: 1152 weights for (12, 48), as in the ReLU block
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V, self.U = nn.Linear(d, width), nn.Linear(d, width), nn.Linear(width, d)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: rounded down
# fails: 84 weights for (4, 10): the nearest width is 7
# fails: as many weights as other ReLU blocks
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = 2 * hidden // 3
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: rounded up
# fails: as many weights as other ReLU blocks
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = -(-2 * hidden // 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: rounded to a multiple of 4
# fails: 84 weights for (4, 10): the nearest width is 7
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = 4 * round(hidden / 6)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: a sigmoid gate
# fails: all weights 0.5, worked by hand
# fails: right with any weights
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(torch.sigmoid(self.W(x)) * self.V(x))


# %% wrong: the way back is missing
# fails: all weights 0.5, worked by hand
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)

    def forward(self, x):
        return nn.functional.silu(self.W(x)) * self.V(x)


# %% wrong: one matrix for gate and value
# fails: all weights 0.5, worked by hand
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = hidden
        self.W, self.U = nn.Linear(d, width, bias=False), nn.Linear(width, d, bias=False)

    def forward(self, x):
        z = self.W(x)
        return self.U(nn.functional.silu(z) * z)


# %% wrong: the gate's weights are used twice
# fails: right with any weights
# fails: right gradients for every weight
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.W(x))


# %% wrong: SiLU behind the value as well
# fails: all weights 0.5, worked by hand
# fails: right with any weights
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * nn.functional.silu(self.V(x)))


# %% wrong: matrices in a plain list
# fails: all weights 0.5, worked by hand
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.weights = [torch.randn(d, width), torch.randn(d, width), torch.randn(width, d)]

    def forward(self, x):
        W, V, U = self.weights
        return (nn.functional.silu(x @ W) * (x @ V)) @ U


# %% wrong: new weights at each call
# fails: all weights 0.5, worked by hand
# fails: right with any weights
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.sizes = d, width
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        d, width = self.sizes
        W, V, U = torch.randn(d, width), torch.randn(d, width), torch.randn(width, d)
        return (nn.functional.silu(x @ W) * (x @ V)) @ U


# %% wrong: all weights start at zero
# fails: weights start at random, each by itself
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Parameter(torch.zeros(d, width)), nn.Parameter(torch.zeros(d, width))
        self.U = nn.Parameter(torch.zeros(width, d))

    def forward(self, x):
        return (nn.functional.silu(x @ self.W) * (x @ self.V)) @ self.U


# %% wrong: gate and value start alike
# fails: weights start at random, each by itself
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.U = nn.Linear(d, width, bias=False), nn.Linear(width, d, bias=False)
        self.V = copy.deepcopy(self.W)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: a seed of its own
# fails: weights start at random, each by itself
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        torch.manual_seed(0)
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: batches of rows alone
# fails: single rows, stacks and none
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        rows = [nn.functional.silu(self.W(row)) * self.V(row) for row in x.reshape(-1, x.shape[-1])]
        return self.U(torch.stack(rows)).reshape(x.shape)


# %% wrong: flattened batches
# fails: the shape of x, in float64 too
# fails: single rows, stacks and none
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        rows = x.flatten(0, -2) if x.ndim > 1 else x
        return self.U(nn.functional.silu(self.W(rows)) * self.V(rows))


# %% wrong: computes in float32
# fails: the shape of x, in float64 too
# fails: float64 is computed in float64
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        gate = nn.functional.silu(self.W(x).float()).to(x.dtype)
        return self.U(gate * self.V(x))


# %% wrong: the gate gets no gradient
# fails: right gradients for every weight
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        with torch.no_grad():
            gate = nn.functional.silu(self.W(x))
        return self.U(gate * self.V(x))


# %% wrong: the weights ask for no gradient
# fails: right gradients for every weight
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False).requires_grad_(False)

    def forward(self, x):
        return self.U(nn.functional.silu(self.W(x)) * self.V(x))


# %% wrong: x is scaled in place
# fails: leaves x as it was
class SwiGLU(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        width = round(2 * hidden / 3)
        self.W, self.V = nn.Linear(d, width, bias=False), nn.Linear(d, width, bias=False)
        self.U = nn.Linear(width, d, bias=False)

    def forward(self, x):
        result = self.U(nn.functional.silu(self.W(x)) * self.V(x))
        x.data.mul_(0.5)
        return result


# %% wrong: a function, not a module
# fails: all weights 0.5, worked by hand
def SwiGLU(d, hidden):
    w = round(2 * hidden / 3)
    W, V, U = torch.randn(d, w), torch.randn(d, w), torch.randn(w, d)
    return lambda x: (nn.functional.silu(x @ W) * (x @ V)) @ U
