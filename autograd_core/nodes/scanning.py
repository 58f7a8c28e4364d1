"""The compiled loops that read a list of nodes where it stands in the text of a message.

Decoding such a list makes a dozen objects of each node, only to look at each once and let it go.
These loops make none. `scan` finds the *tokens*, the strings (with their quotes) and numbers of
each node: its id, its operation, then its operands. `intern` gives each token the number of its
*symbol*: symbols are the different texts among the tokens, in the order in which they first occur.
`number` makes operand codes of symbols.

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
    MEMBER,
    NODE_ENDS,
    NUMBER_ENDS,
    OPERAND_BEGINS,
    STRING_ENDS,
    TOKEN_BEGINS,
    VALUE_OF_ARGS,
    VALUE_OF_ID,
    VALUE_OF_OP,
)

GIVEN_UP = MISSING = -1
UNKNOWN = np.int32(np.iinfo(np.int32).min)  # no operand code
QUOTE, QUOTES = ord('"'), 2  # around a name
ID_NAME, OP_NAME, ARGS_NAME = (
    np.frombuffer(name, dtype=np.uint8) for name in (b'"id":', b'"op":', b'"args":')
)

# The members of a node, and all of them.
ID, OP, ARGS, ALL = 1, 2, 4, 7
SHORTEST_NODE = len('{"id":"a","op":"b","args":[]}')
SHORTEST_OPERAND = len("1,")

# Entries looked at for one symbol, before it seems that somebody has chosen them to be many.
MOST_LOOKS = 64
# 2**64 over the golden ratio, and odd: multiplying by it spreads bits upwards, and then the upper
# half is folded onto the lower (D. Knuth, "The Art of Computer Programming", section 6.4).
SPREAD = np.uint64(0x9E3779B97F4A7C15)
BYTE, HALF, LAST_BITS, WORD = np.uint64(8), np.uint64(32), np.uint64(62), 8


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
            if state < OPERAND_BEGINS:
                member, place = (ID, first) if state == ID_BEGINS else (OP, first + 1)
                if members & member:
                    break
                members |= member
            else:
                place, token = token, token + 1
            starts[place] = at
        elif state < MEMBER:
            ends[place] = at + 1 if state < NUMBER_ENDS else at
            if ends[place] - starts[place] > longest:
                break
        elif state == MEMBER:
            state, at = _name_of_member(text, at)
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


@inner
def _name_of_member(text: Text, at: int) -> tuple[int, int]:
    """The state after the name of a member and its colon, and where that is, if there are no blanks
    before and between: nearly all are written so, and told in half the time.
    """
    if _stands(text, at + 1, ID_NAME):
        return VALUE_OF_ID, at + len(ID_NAME)
    if _stands(text, at + 1, OP_NAME):
        return VALUE_OF_OP, at + len(OP_NAME)
    if _stands(text, at + 1, ARGS_NAME):
        return VALUE_OF_ARGS, at + len(ARGS_NAME)
    return MEMBER, at


@inner
def _stands(text: Text, at: int, word: Text) -> bool:
    """Whether a word is at a place."""
    k = 0
    while k < len(word) and at + k < len(text) and text[at + k] == word[k]:
        k += 1
    return k == len(word)


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
    hashes, lengths = np.empty(count, np.uint64), np.empty(count, np.int32)
    known = 0
    for token in range(count):
        start, length = starts[token], ends[token] - starts[token]
        quotes = QUOTES if text[start] == QUOTE else 0
        hashed = _hash(text, start, length, quotes, seed)
        entry, symbol, looks = np.int64(hashed & np.uint64(size - 1)), entries[0], 0
        while True:
            symbol, looks = entries[entry], looks + 1
            if symbol == MISSING or looks > MOST_LOOKS:
                break
            if hashes[symbol] == hashed and lengths[symbol] == length:
                other = starts[firsts[symbol]]
                if length < WORD + quotes or _is_same(text, start, other, length):
                    break
            entry = (entry + 1) & (size - 1)
        if looks > MOST_LOOKS:
            return symbols[:0].copy(), firsts[:0].copy()
        if symbol == MISSING:
            entries[entry] = symbol = known
            firsts[known], hashes[known], lengths[known] = token, hashed, length
            known += 1
        symbols[token] = symbol
    return symbols, firsts[:known].copy()


@loop
def number(
    symbols: Operands, firsts: Operands, known: int
) -> tuple[Operands, Operands, Operands, Operands, Operands]:
    """Operand codes for symbols: nodes are told by their ids, then come leaves, first the names at
    the end of the symbols, then what else is an operand, in the order in which it occurs.

    Offsets and operand codes of the nodes, as of a graph; the symbols of these other leaves; the
    symbols of operations, and the place among them of each node's. All empty where two have a name.

    symbols: of the tokens, and of the names. firsts: of `scan`. known: how many symbols there are.
    """
    nodes, tokens = len(firsts) - 1, firsts[-1]
    codes, places = np.full(known, UNKNOWN, np.int32), np.full(known, UNKNOWN, np.int32)
    offsets, applied = np.zeros(nodes + 1, np.int32), np.empty(nodes, np.int32)
    operands = np.empty(tokens - 2 * nodes, np.int32)
    others, operations = np.empty(known, np.int32), np.empty(known, np.int32)
    different = operand = leaves = 0
    for node in range(nodes):
        token = firsts[node]
        if codes[symbols[token]] != UNKNOWN:
            return offsets[:0], operands[:0], others[:0], operations[:0], applied[:0]
        codes[symbols[token]] = node
        operation = symbols[token + 1]
        if places[operation] == UNKNOWN:
            places[operation], operations[different] = different, operation
            different += 1
        applied[node] = places[operation]
        offsets[node + 1] = offsets[node] + firsts[node + 1] - token - 2
    for name in symbols[tokens:]:
        if codes[name] != UNKNOWN:
            return offsets[:0], operands[:0], others[:0], operations[:0], applied[:0]
        codes[name] = -1 - leaves
        leaves += 1
    names = leaves
    for node in range(nodes):
        for token in range(firsts[node] + 2, firsts[node + 1]):
            symbol = symbols[token]
            if codes[symbol] == UNKNOWN:
                codes[symbol], others[leaves - names] = -1 - leaves, symbol
                leaves += 1
            operands[operand] = codes[symbol]
            operand += 1
    return offsets, operands, others[: leaves - names], operations[:different], applied


@inner
def _hash(text: Text, start: int, length: int, quotes: int, seed: int) -> np.uint64:
    """Of each eight bytes, and then of the rest, with a bit for quotes instead of them. Two texts
    of one length that leave one word unfilled never have the same.
    """
    hashed, word = np.uint64(seed), np.uint64(0)
    begin = start + quotes // 2
    for k in range(length - quotes):
        word = (word << BYTE) | np.uint64(text[begin + k])
        if k % WORD == WORD - 1:
            hashed = (hashed ^ word) * SPREAD
            hashed, word = hashed ^ (hashed >> HALF), np.uint64(0)
    hashed = (hashed ^ word ^ (np.uint64(quotes) << LAST_BITS)) * SPREAD
    return hashed ^ (hashed >> HALF)


@inner
def _is_same(text: Text, one: int, other: int, length: int) -> bool:
    k = 0
    while k < length and text[one + k] == text[other + k]:
        k += 1
    return k == length
