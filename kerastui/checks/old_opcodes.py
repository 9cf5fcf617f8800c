"""Instructions of Python 2.7 and 3.5 to 3.10, listed without that Python.

Numbers and names are those of each version's ``Lib/opcode.py``. Only what a function in a
model can sensibly hold is named; others are shown by number.
"""

from __future__ import annotations

from collections.abc import Iterator

from .marshal_reader import CodeInfo

HAVE_ARGUMENT = 90
_NAMES_TEXT = """
1 POP_TOP 2 ROT_TWO 3 ROT_THREE 4 DUP_TOP 5 DUP_TOP_TWO 6 ROT_FOUR 9 NOP 10 UNARY_POSITIVE
11 UNARY_NEGATIVE 12 UNARY_NOT 15 UNARY_INVERT 16 BINARY_MATRIX_MULTIPLY
17 INPLACE_MATRIX_MULTIPLY 19 BINARY_POWER 20 BINARY_MULTIPLY 22 BINARY_MODULO 23 BINARY_ADD
24 BINARY_SUBTRACT 25 BINARY_SUBSCR 26 BINARY_FLOOR_DIVIDE 27 BINARY_TRUE_DIVIDE
28 INPLACE_FLOOR_DIVIDE 29 INPLACE_TRUE_DIVIDE 48 RERAISE 49 WITH_EXCEPT_START 50 GET_AITER
51 GET_ANEXT 52 BEFORE_ASYNC_WITH 55 INPLACE_ADD 56 INPLACE_SUBTRACT 57 INPLACE_MULTIPLY
59 INPLACE_MODULO 60 STORE_SUBSCR 61 DELETE_SUBSCR 62 BINARY_LSHIFT 63 BINARY_RSHIFT
64 BINARY_AND 65 BINARY_XOR 66 BINARY_OR 67 INPLACE_POWER 68 GET_ITER 69 GET_YIELD_FROM_ITER
70 PRINT_EXPR 71 LOAD_BUILD_CLASS 72 YIELD_FROM 73 GET_AWAITABLE 74 LOAD_ASSERTION_ERROR
75 INPLACE_LSHIFT 76 INPLACE_RSHIFT 77 INPLACE_AND 78 INPLACE_XOR 79 INPLACE_OR
80 BREAK_LOOP 81 WITH_CLEANUP_START 82 WITH_CLEANUP_FINISH 83 RETURN_VALUE 84 IMPORT_STAR
85 SETUP_ANNOTATIONS 86 YIELD_VALUE 87 POP_BLOCK 88 END_FINALLY 89 POP_EXCEPT 90 STORE_NAME
91 DELETE_NAME 92 UNPACK_SEQUENCE 93 FOR_ITER 94 UNPACK_EX 95 STORE_ATTR 96 DELETE_ATTR
97 STORE_GLOBAL 98 DELETE_GLOBAL 100 LOAD_CONST 101 LOAD_NAME 102 BUILD_TUPLE 103 BUILD_LIST
104 BUILD_SET 105 BUILD_MAP 106 LOAD_ATTR 107 COMPARE_OP 108 IMPORT_NAME 109 IMPORT_FROM
110 JUMP_FORWARD 111 JUMP_IF_FALSE_OR_POP 112 JUMP_IF_TRUE_OR_POP 113 JUMP_ABSOLUTE
114 POP_JUMP_IF_FALSE 115 POP_JUMP_IF_TRUE 116 LOAD_GLOBAL 117 IS_OP 118 CONTAINS_OP
119 CONTINUE_LOOP 120 SETUP_LOOP 121 SETUP_EXCEPT 122 SETUP_FINALLY 124 LOAD_FAST
125 STORE_FAST 126 DELETE_FAST 130 RAISE_VARARGS 131 CALL_FUNCTION 132 MAKE_FUNCTION
133 BUILD_SLICE 134 MAKE_CLOSURE 135 LOAD_CLOSURE 136 LOAD_DEREF 137 STORE_DEREF
138 DELETE_DEREF 140 CALL_FUNCTION_VAR 141 CALL_FUNCTION_KW 142 CALL_FUNCTION_EX
143 SETUP_WITH 144 EXTENDED_ARG 145 LIST_APPEND 146 SET_ADD 147 MAP_ADD 148 LOAD_CLASSDEREF
149 BUILD_LIST_UNPACK 150 BUILD_MAP_UNPACK 151 BUILD_MAP_UNPACK_WITH_CALL
152 BUILD_TUPLE_UNPACK 153 BUILD_SET_UNPACK 154 SETUP_ASYNC_WITH 155 FORMAT_VALUE
156 BUILD_CONST_KEY_MAP 157 BUILD_STRING 158 BUILD_TUPLE_UNPACK_WITH_CALL 160 LOAD_METHOD
161 CALL_METHOD 162 LIST_EXTEND 163 SET_UPDATE 164 DICT_MERGE 165 DICT_UPDATE
"""
_WORDS = _NAMES_TEXT.split()
_NAMES = {int(_WORDS[i]): _WORDS[i + 1] for i in range(0, len(_WORDS), 2)}
# Numbers that Python 3.8 gave up and 3.9 and 3.10 gave to others.
_NAMES_38 = {**_NAMES, 119: "RERAISE", 121: "JUMP_IF_NOT_EXC_MATCH", 129: "GEN_START"}
_TEXT_27 = """
0 STOP_CODE 5 ROT_FOUR 13 UNARY_CONVERT 21 BINARY_DIVIDE 30 SLICE+0 31 SLICE+1 32 SLICE+2
33 SLICE+3 40 STORE_SLICE+0 41 STORE_SLICE+1 42 STORE_SLICE+2 43 STORE_SLICE+3
50 DELETE_SLICE+0 51 DELETE_SLICE+1 52 DELETE_SLICE+2 53 DELETE_SLICE+3 54 STORE_MAP
58 INPLACE_DIVIDE 71 PRINT_ITEM 72 PRINT_NEWLINE 73 PRINT_ITEM_TO 74 PRINT_NEWLINE_TO
81 WITH_CLEANUP 82 LOAD_LOCALS 85 EXEC_STMT 89 BUILD_CLASS 94 LIST_APPEND 99 DUP_TOPX
142 CALL_FUNCTION_VAR_KW 145 EXTENDED_ARG
"""
_WORDS_27 = _TEXT_27.split()
_NAMES_27 = {
    **_NAMES,
    **{int(_WORDS_27[i]): _WORDS_27[i + 1] for i in range(0, len(_WORDS_27), 2)},
}
_OF_NAMES = frozenset({90, 91, 95, 96, 97, 98, 101, 106, 108, 109, 116, 160})
_COMPARE = ("<", "<=", "==", "!=", ">", ">=", "in", "not in", "is", "is not", "exception match")


def is_wordcode(code: bytes) -> bool:
    """Whether it is of Python 3.6 or later: two bytes an instruction, no odd ones."""
    if not code or len(code) % 2:
        return False
    pairs = [(code[i], code[i + 1]) for i in range(0, len(code), 2)]
    return all(op in _NAMES_38 and (op >= HAVE_ARGUMENT or not arg) for op, arg in pairs)


def is_bytecode(code: bytes) -> bool:
    """Whether it is of Python 3.5 or earlier: one byte, or three with an argument."""
    return all(op in _NAMES for _at, op, _arg in _bytecode(code)) and _length(code) == len(code)


def _length(code: bytes) -> int:
    at = 0
    while at < len(code):
        at += 1 if code[at] < HAVE_ARGUMENT else 3
    return at


def _bytecode(code: bytes) -> Iterator[tuple[int, int, int]]:
    at, extended = 0, 0
    while at < len(code):
        op = code[at]
        if op < HAVE_ARGUMENT:
            yield at, op, 0
            at += 1
            continue
        arg = int.from_bytes(code[at + 1 : at + 3], "little") | extended
        extended = arg << 16 if op == 144 else 0
        yield at, op, arg
        at += 3


def _wordcode(code: bytes) -> Iterator[tuple[int, int, int]]:
    extended = 0
    for at in range(0, len(code) - 1, 2):
        op, arg = code[at], code[at + 1] | extended
        extended = arg << 8 if op == 144 else 0
        yield at, op, arg


def listing(info: CodeInfo, wordcode: bool) -> Iterator[str]:
    """Yield a line an instruction, as ``dis`` would write it."""
    steps = _wordcode(info.code) if wordcode else _bytecode(info.code)
    names = {"2": _NAMES_27, "3.8": _NAMES_38}.get(info.layout, _NAMES)
    for at, op, arg in steps:
        name = names.get(op, f"<{op}>")
        if op < HAVE_ARGUMENT:
            yield f"{at:>6} {name}"
        else:
            meaning = _meaning(info, op, arg)
            yield f"{at:>6} {name:<20} {arg}{f' ({meaning})' if meaning else ''}"


def _meaning(info: CodeInfo, op: int, arg: int) -> str:
    if op == 100:
        found = info.consts[arg] if arg < len(info.consts) else "?"
        return f"code of {found.name}" if isinstance(found, CodeInfo) else repr(found)
    table: tuple[str, ...] = ()
    if op in _OF_NAMES:
        table = info.names
    elif op in (124, 125, 126):
        table = info.local_names
    elif op in (135, 136, 137, 138):
        table = info.free_names
    elif op == 107:
        table = _COMPARE
    return table[arg] if arg < len(table) else ""
