"""Kernels for what lies between the products of whole layers, in Triton's language.

What they are given are addresses of tensors that lie row by row without gaps, and numbers. Each
sum over rows is one program's, so that it comes out the same every time.

Triton compiles a kernel anew for numbers and addresses that are odd, or divide by 16. Where those
may change between one mini-batch and the next it is told not to: a trial at the start has compiled
all that training asks for.
"""

from __future__ import annotations

import triton
import triton.language as tl

BLOCK = tl.constexpr(32)
"""Images, and units, that a program works on at a time."""
COLUMNS = tl.constexpr(16)
"""Pixels of a program of `last_errors`: enough programs for most of a GPU."""
CROSS_ENTROPY, SQUARED_ERROR, SQUARED_ERROR_OF_SIGMOID = (
    tl.constexpr(0),
    tl.constexpr(1),
    tl.constexpr(2),
)
PIECE = tl.constexpr(1024)
"""Parameters of a program of `adam`."""


@triton.jit(do_not_specialize=["rows"], do_not_specialize_on_alignment=["losses"])
def last_errors(
    outputs,
    images,
    errors,
    bias_gradient,
    losses,
    rows,
    pixels,
    scale,
    objective: tl.constexpr,
):
    """Some columns of all rows; see Operations."""
    program = tl.program_id(0)
    column = program * COLUMNS + tl.arange(0, COLUMNS)
    bias_sum = tl.zeros([COLUMNS], tl.float32)
    loss_sum = tl.zeros([COLUMNS], tl.float32)
    for start in range(0, rows, BLOCK):
        row = (start + tl.arange(0, BLOCK)).to(tl.int64)
        place = row[:, None] * pixels + column[None, :]
        there = (row[:, None] < rows) & (column[None, :] < pixels)
        output = tl.load(outputs + place, mask=there, other=0.0)
        image = tl.load(images + place, mask=there, other=0.0)
        if objective == SQUARED_ERROR:
            error = output - image
            loss = error * error
            error *= 2
        else:
            # exp of what is negative has no overflow.
            decay = tl.exp(-tl.abs(output))
            probability = tl.where(output < 0, decay, 1.0) / (1.0 + decay)
            error = probability - image
            if objective == CROSS_ENTROPY:
                loss = tl.maximum(output, 0.0) - output * image + tl.log(1.0 + decay)
            else:
                loss = error * error
                error *= 2 * probability * (1.0 - probability)
        error = tl.where(there, error * scale, 0.0)
        tl.store(errors + place, error, mask=there)
        bias_sum += tl.sum(error, 0)
        loss_sum += tl.sum(tl.where(there, loss, 0.0), 0)
    tl.store(bias_gradient + column, bias_sum, mask=column < pixels)
    tl.store(losses + program, tl.sum(loss_sum, 0))


@triton.jit(do_not_specialize=["rows"], do_not_specialize_on_alignment=["inputs"])
def rectify(before, inputs, bias_gradient, rows, units, rectified: tl.constexpr):
    """Some columns of all rows: no error where the ReLU gave 0; and the errors' sums."""
    column = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    bias_sum = tl.zeros([COLUMNS], tl.float32)
    for start in range(0, rows, BLOCK):
        row = (start + tl.arange(0, BLOCK)).to(tl.int64)
        place = row[:, None] * units + column[None, :]
        there = (row[:, None] < rows) & (column[None, :] < units)
        error = tl.load(before + place, mask=there, other=0.0)
        if rectified:
            active = tl.load(inputs + place, mask=there, other=0.0) > 0
            error = tl.where(active, error, 0.0)
            tl.store(before + place, error, mask=there)
        bias_sum += tl.sum(error, 0)
    tl.store(bias_gradient + column, bias_sum, mask=column < units)


@triton.jit(do_not_specialize=["rows"], do_not_specialize_on_alignment=["inputs"])
def errors_before(
    errors,
    weight,
    inputs,
    weight_gradient,
    before,
    bias_gradient,
    rows,
    units,
    units_before,
    rectified: tl.constexpr,
):
    """The backward pass of a narrow layer.

    The first programs have each some units of the layer before and all rows, so that each of the
    sums over rows is one program's; the others have each a block of the weights' gradient.
    """
    blocks = tl.cdiv(units_before, BLOCK)
    program = tl.program_id(0)
    column = (program % blocks) * BLOCK + tl.arange(0, BLOCK)
    within = column[None, :] < units_before
    if program < blocks:
        bias_sum = tl.zeros([BLOCK], tl.float32)
        for start in range(0, rows, BLOCK):
            row = (start + tl.arange(0, BLOCK)).to(tl.int64)
            total = tl.zeros([BLOCK, BLOCK], tl.float32)
            for first in range(0, units, BLOCK):
                unit = first + tl.arange(0, BLOCK)
                error = tl.load(
                    errors + row[:, None] * units + unit[None, :],
                    mask=(row[:, None] < rows) & (unit[None, :] < units),
                    other=0.0,
                )
                weights = tl.load(
                    weight + unit[:, None] * units_before + column[None, :],
                    mask=(unit[:, None] < units) & within,
                    other=0.0,
                )
                total = tl.dot(error, weights, total, input_precision="ieee")
            place = row[:, None] * units_before + column[None, :]
            there = (row[:, None] < rows) & within
            if rectified:
                active = tl.load(inputs + place, mask=there, other=0.0) > 0
                total = tl.where(active, total, 0.0)
            tl.store(before + place, total, mask=there)
            bias_sum += tl.sum(total, 0)
        tl.store(bias_gradient + column, bias_sum, mask=column < units_before)
    else:
        unit = (program // blocks - 1) * BLOCK + tl.arange(0, BLOCK)
        total = tl.zeros([BLOCK, BLOCK], tl.float32)
        for start in range(0, rows, BLOCK):
            row = (start + tl.arange(0, BLOCK)).to(tl.int64)
            error = tl.load(
                errors + row[None, :] * units + unit[:, None],
                mask=(row[None, :] < rows) & (unit[:, None] < units),
                other=0.0,
            )
            given = tl.load(
                inputs + row[:, None] * units_before + column[None, :],
                mask=(row[:, None] < rows) & within,
                other=0.0,
            )
            total = tl.dot(error, given, total, input_precision="ieee")
        tl.store(
            weight_gradient + unit[:, None] * units_before + column[None, :],
            total,
            mask=(unit[:, None] < units) & within,
        )


@triton.jit(do_not_specialize_on_alignment=["rate"])
def adam(
    values,
    gradients,
    means,
    squares,
    steps,
    rate,
    size,
    epsilon,
    beta1: tl.constexpr,
    beta2: tl.constexpr,
    log_beta1: tl.constexpr,
    log_beta2: tl.constexpr,
):
    """A piece of all parameters."""
    place = tl.program_id(0) * PIECE + tl.arange(0, PIECE)
    there = place < size
    # 1 - 0.999 loses digits that the first steps need.
    taken = tl.load(steps).to(tl.float64)
    corrected1 = (1.0 - tl.exp2(taken * log_beta1)).to(tl.float32)
    corrected2 = tl.sqrt(1.0 - tl.exp2(taken * log_beta2)).to(tl.float32)
    gradient = tl.load(gradients + place, mask=there)
    mean = tl.load(means + place, mask=there)
    square = tl.load(squares + place, mask=there)
    mean += (gradient - mean) * (1.0 - beta1)
    square = square * beta2 + gradient * gradient * (1.0 - beta2)
    tl.store(means + place, mean, mask=there)
    tl.store(squares + place, square, mask=there)
    step = tl.load(rate) / corrected1 * mean / (tl.sqrt(square) / corrected2 + epsilon)
    tl.store(values + place, tl.load(values + place, mask=there) - step, mask=there)
