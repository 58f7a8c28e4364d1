"""The compiled loops that read a list of nodes where it stands in the text of a message.

Decoding such a list makes a dozen objects of each node, only to look at each once and let it go.
These loops make none. `scan` finds the *tokens*, the strings (with their quotes) and numbers of
each node: its id, its operation, then its operands. `intern` gives each token the number of its
*symbol*: symbols are the different texts among the tokens, in the order in which they first occur.

They read plain lists only: see grammar.py. At anything else, what is wrong included, they give up.
"""

from __future__ import annotations

import numpy as np

from autograd_core.jit.columns import Operands, Text
from autograd_core.jit.compiling import inner, loop
from autograd_core.nodes.grammar import (
    ARGS_BEGIN,
    BEGINNING,
    FOLLOWING,
    ID_BEGINS,
    LIST_ENDS,
    NODE_ENDS,
    NUMBER_ENDS,
    OP_BEGINS,
    STRING_ENDS,
    TOKEN_BEGINS,
)

GIVEN_UP = MISSING = -1
QUOTES = 2  # characters of a string that are not its name's

# The members of a node, and all of them.
ID, OP, ARGS, ALL = 1, 2, 4, 7
SHORTEST_NODE = len('{"id":"a","op":"b","args":[]}')
SHORTEST_OPERAND = len("1,")

# Entries looked at for one symbol, before it seems that somebody has chosen them to be many.
MOST_LOOKS = 64
# 2**64 over the golden ratio, and odd: multiplying by it spreads bits upwards, and then the upper
# half is folded onto the lower (D. Knuth, "The Art of Computer Programming", section 6.4).
SPREAD = np.uint64(0x9E3779B97F4A7C15)
BYTE, WORD, HALF = np.uint64(8), 8, np.uint64(32)


@loop
def scan(text: Text, start: int, longest: int) -> tuple[int, Operands, Operands, Operands]:
    """Where the list that begins at a place ends, or GIVEN_UP; the first token of each node, and
    how many there are; and where each token begins and ends. longest: bytes of a token.
    """
    room = len(text) - start
    firsts = np.zeros(room // SHORTEST_NODE + 2, np.int32)
    starts = np.empty(room // SHORTEST_OPERAND + 4, np.int32)
    ends = np.empty(len(starts), np.int32)
    state, at, node, members = BEGINNING, start, 0, 0
    first, place, token = 0, 0, 2  # the node's first token, the one here, the next operand
    while at < len(text):
        state = FOLLOWING[state, text[at]]
        if state < TOKEN_BEGINS:
            pass
        elif state < STRING_ENDS:
            member = 0
            if state == ID_BEGINS:
                member, place = ID, first
            elif state == OP_BEGINS:
                member, place = OP, first + 1
            else:
                place, token = token, token + 1
            if members & member:
                break
            members |= member
            starts[place] = at
        elif state < ARGS_BEGIN:
            ends[place] = at + 1 if state < NUMBER_ENDS else at
            if ends[place] - starts[place] > longest:
                break
        elif state == ARGS_BEGIN and not members & ARGS:
            members |= ARGS
        elif state == NODE_ENDS and members == ALL:
            node, members = node + 1, 0
            first, firsts[node], token = token, token, token + 2
        else:
            break
        at += 1
    end = at + 1 if at < len(text) and state == LIST_ENDS else GIVEN_UP
    return end, firsts[: node + 1].copy(), starts[:first].copy(), ends[:first].copy()


@loop
def intern(text: Text, starts: Operands, ends: Operands, seed: int) -> tuple[Operands, Operands]:
    """The symbol of each token, and the first token of each symbol; both empty where this gives up.

    A hash table with open addressing. seed: a number that nobody else knows, or texts could be
    chosen so that all have one hash.
    """
    count = len(starts)
    size = 64
    while size < count + count // 2:
        size *= 2
    entries = np.full(size, MISSING, np.int32)
    symbols, firsts = np.empty(count, np.int32), np.empty(count, np.int32)
    hashes = np.empty(count, np.uint64)
    known = 0
    for token in range(count):
        start, length = starts[token], ends[token] - starts[token]
        hashed = _hash(text, start, length, seed)
        entry, symbol, looks = np.int64(hashed & np.uint64(size - 1)), entries[0], 0
        while True:
            symbol, looks = entries[entry], looks + 1
            if symbol == MISSING or looks > MOST_LOOKS:
                break
            if hashes[symbol] == hashed:
                other = starts[firsts[symbol]]
                if ends[firsts[symbol]] - other == length and _is_same(text, start, other, length):
                    break
            entry = (entry + 1) & (size - 1)
        if looks > MOST_LOOKS:
            return symbols[:0].copy(), firsts[:0].copy()
        if symbol == MISSING:
            entries[entry] = symbol = known
            firsts[known], hashes[known] = token, hashed
            known += 1
        symbols[token] = symbol
    return symbols, firsts[:known].copy()


@inner
def _hash(text: Text, start: int, length: int, seed: int) -> np.uint64:
    """Of each eight bytes, and then of the rest and the length."""
    hashed, word = np.uint64(seed), np.uint64(0)
    for k in range(length):
        word = (word << BYTE) | np.uint64(text[start + k])
        if k % WORD == WORD - 1:
            hashed = (hashed ^ word) * SPREAD
            hashed, word = hashed ^ (hashed >> HALF), np.uint64(0)
    hashed = (hashed ^ word ^ np.uint64(length)) * SPREAD
    return hashed ^ (hashed >> HALF)


@inner
def _is_same(text: Text, one: int, other: int, length: int) -> bool:
    k = 0
    while k < length and text[one + k] == text[other + k]:
        k += 1
    return k == length
