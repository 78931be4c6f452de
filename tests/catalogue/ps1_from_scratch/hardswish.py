# Answers to the exercise hardswish: right ones in different styles, wrong ones with the check that must fail each.

# %% right: the formula as it stands
def hardswish(x):
    return (x * np.minimum(np.maximum(x + 3, 0), 6) / 6).astype(x.dtype)

# %% wrong: divides by 3
# fails: right between -3 and 3
def hardswish(x):
    return (x * np.clip(x + 3, 0, 6) / 3).astype(x.dtype)
