"""Reading held against RFC 8259, in the categories of JSONTestSuite.

Names begin with what a reader has to do: ``y_`` must be accepted, ``n_`` must be refused, and of
``i_`` the RFC leaves it to the implementation; what this project has decided stands beside those.
The cases were written from the RFC. Other tests put them into payloads: what cannot be read is
never accepted there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import pytest

import reference
from comparison import Outcome, examiner_of, judged, pieces_of
from qartifacts.config import DEFAULTS
from qartifacts.jsontext import read
from qartifacts.jsontext.scanner import scan
from strategies import AGGREGATE, H1, H2, NATIVE, P1, P2, S1, S2
from support import length

DEEPEST: Final = DEFAULTS.max_depth

ACCEPTED: Final[dict[str, bytes]] = {
    # Arrays.
    "y_array_empty": b"[]",
    "y_array_empty_with_space": b"[ ]",
    "y_array_empty_with_newline": b"[\n]",
    "y_array_of_one": b"[1]",
    "y_array_of_null": b"[null]",
    "y_array_of_each_kind": b'[null,true,false,0,"a",[],{}]',
    "y_array_of_arrays": b"[[],[[]],[[],[]]]",
    "y_array_of_empty_strings": b'["",""]',
    "y_array_of_equal_values": b"[1,1,1]",
    "y_array_with_space_before_comma": b"[1 ,2]",
    "y_array_with_space_after_comma": b"[1, 2]",
    "y_array_with_trailing_space": b"[1 ]",
    "y_array_with_leading_space": b" [1]",
    "y_array_over_lines": b"[\n1\n,\n2\n]",
    "y_array_as_deep_as_may_be": b"[" * DEEPEST + b"]" * DEEPEST,
    # Numbers.
    "y_number_zero": b"0",
    "y_number_minus_zero": b"-0",
    "y_number_one_digit": b"7",
    "y_number_integer": b"1234567890",
    "y_number_negative": b"-12",
    "y_number_minus_one": b"-1",
    "y_number_fraction": b"0.5",
    "y_number_negative_fraction": b"-0.25",
    "y_number_fraction_of_zeros": b"1.000",
    "y_number_leading_zeros_in_fraction": b"0.0001",
    "y_number_zero_fraction": b"0.0",
    "y_number_minus_zero_fraction": b"-0.0",
    "y_number_exponent": b"1e2",
    "y_number_capital_exponent": b"1E2",
    "y_number_exponent_plus": b"1e+2",
    "y_number_exponent_minus": b"1e-2",
    "y_number_capital_exponent_plus": b"1E+2",
    "y_number_capital_exponent_minus": b"1E-2",
    "y_number_fraction_and_exponent": b"12.5e3",
    "y_number_zero_with_exponent": b"0e1",
    "y_number_zero_with_exponent_plus": b"0e+1",
    "y_number_exponent_zero": b"5e0",
    "y_number_exponent_with_leading_zeros": b"1e007",
    "y_number_exponent_minus_zero": b"1e-0",
    "y_number_many_digits": b"0." + b"3" * 100,
    "y_number_nearly_one": b"0.99999999999999999999999999999999999999",
    "y_number_close_to_zero": b"-0." + b"0" * 70 + b"1",
    "y_number_smallest_double": b"5e-324",
    "y_number_largest_double": b"1.7976931348623157e308",
    "y_number_after_space": b"[ 4]",
    "y_number_after_tab": b"[\t4]",
    # Objects.
    "y_object_empty": b"{}",
    "y_object_empty_with_space": b"{ }",
    "y_object_of_one": b'{"a":1}',
    "y_object_of_two": b'{"a":1,"b":2}',
    "y_object_empty_key": b'{"":0}',
    "y_object_key_of_space": b'{" ":0}',
    "y_object_keys_of_other_case": b'{"a":0,"A":0}',
    "y_object_escaped_null_in_key": b'{"a\\u0000b":0}',
    "y_object_escaped_quote_in_key": b'{"\\"":0}',
    "y_object_nested": b'{"a":{"b":{"c":{}}}}',
    "y_object_spaced": b' { "a" : 1 , "b" : 2 } ',
    "y_object_over_lines": b'{\r\n"a"\r\n:\r\n1\r\n}',
    "y_object_key_that_looks_like_structure": b'{"},{":0}',
    "y_object_equal_keys_in_different_objects": b'{"a":{"a":{"a":0}}}',
    "y_object_key_that_is_a_number": b'{"0":0}',
    "y_object_long_key": b'{"' + b"x" * 5000 + b'":0}',
    # Strings.
    "y_string_empty": b'""',
    "y_string_space": b'" "',
    "y_string_ascii": b'"asd"',
    "y_string_allowed_escapes": b'"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    "y_string_escaped_ascii": b'"\\u0041\\u005A"',
    "y_string_escape_in_small_letters": b'"\\u00e9\\uabcd"',
    "y_string_escape_in_capitals": b'"\\u00E9\\uABCD"',
    "y_string_escape_in_both": b'"\\u00eA"',
    "y_string_escaped_null": b'"\\u0000"',
    "y_string_escaped_control": b'"\\u001f"',
    "y_string_escaped_backslash_and_letter": b'"\\\\n"',
    "y_string_escaped_backslash_and_u": b'"\\\\u0000"',
    "y_string_escaped_backslash_at_end": b'"\\\\"',
    "y_string_escaped_newline_character": b'"\\u000a"',
    "y_string_escaped_pair": b'"\\uD834\\uDD1E"',
    "y_string_escaped_pair_in_small_letters": b'"\\ud83d\\ude00"',
    "y_string_last_pair": b'"\\uDBFF\\uDFFF"',
    "y_string_escaped_noncharacter": b'"\\uFFFF\\uFDD0"',
    "y_string_escaped_byte_order_mark": b'"\\uFEFF"',
    "y_string_utf8_of_two": '"é"'.encode(),
    "y_string_utf8_of_three": '"€"'.encode(),
    "y_string_utf8_of_four": '"\U0001f600"'.encode(),
    "y_string_utf8_noncharacter": '"\uffff\U0010ffff"'.encode(),
    "y_string_utf8_before_surrogates": '"\ud7ff\ue000"'.encode(),
    "y_string_line_separators": '"\u2028\u2029"'.encode(),
    "y_string_byte_order_mark_inside": '"\ufeff"'.encode(),
    "y_string_delete": b'"\x7f"',
    "y_string_c1_control": '"\x85"'.encode(),
    "y_string_with_structure": b'"[1,{:}]"',
    "y_string_with_comment": b'"a/*b*/c//d"',
    "y_string_with_apostrophe": b'"\'"',
    "y_string_escaped_solidus": b'"\\/"',
    # Structure.
    "y_structure_null": b"null",
    "y_structure_true": b"true",
    "y_structure_false": b"false",
    "y_structure_lonely_string": b'"a"',
    "y_structure_lonely_number": b"-0.1",
    "y_structure_space_around": b" [] ",
    "y_structure_all_white_space": b" \t\n\r[ \t\n\r] \t\n\r",
    "y_structure_final_newline": b"[]\n",
    "y_structure_final_crlf": b"[]\r\n",
    "y_structure_lonely_return": b"\r[]\r",
    "y_structure_deep_objects": b'{"a":' * 30 + b"0" + b"}" * 30,
}

REFUSED: Final[dict[str, bytes]] = {
    # Arrays.
    "n_array_unclosed": b"[",
    "n_array_unclosed_after_value": b"[1",
    "n_array_unclosed_after_comma": b"[1,",
    "n_array_unclosed_over_lines": b"[1,\n2\n,3",
    "n_array_closed_by_brace": b"[1}",
    "n_array_closed_twice": b"[1]]",
    "n_array_only_comma": b"[,]",
    "n_array_comma_first": b"[,1]",
    "n_array_comma_last": b"[1,]",
    "n_array_two_commas": b"[1,,2]",
    "n_array_commas_last": b"[1,,]",
    "n_array_comma_after": b"[1],",
    "n_array_missing_comma": b"[1 2]",
    "n_array_missing_comma_between_arrays": b"[[] []]",
    "n_array_missing_comma_between_strings": b'["a""b"]',
    "n_array_colon": b"[1:2]",
    "n_array_semicolon": b"[1;2]",
    "n_array_member": b'["a":1]',
    "n_array_inner_unclosed": b"[[]",
    "n_array_only_minus": b"[-]",
    "n_array_star": b"[*]",
    "n_array_dots": b"[1,...]",
    "n_array_escaped_comma": b"[1\\,2]",
    # Numbers.
    "n_number_leading_zero": b"01",
    "n_number_double_zero": b"00",
    "n_number_negative_leading_zero": b"-01",
    "n_number_leading_zero_in_array": b"[012]",
    "n_number_leading_zero_of_fraction": b"00.5",
    "n_number_leading_zero_with_exponent": b"01e1",
    "n_number_plus": b"+1",
    "n_number_plus_zero": b"+0",
    "n_number_two_minus": b"--1",
    "n_number_minus_plus": b"-+1",
    "n_number_minus_alone": b"-",
    "n_number_minus_space": b"- 1",
    "n_number_dot_first": b".5",
    "n_number_minus_dot": b"-.5",
    "n_number_dot_last": b"5.",
    "n_number_dot_exponent": b"1.e1",
    "n_number_dot_alone": b".",
    "n_number_two_dots": b"1..2",
    "n_number_two_fractions": b"1.2.3",
    "n_number_exponent_alone": b"e1",
    "n_number_exponent_empty": b"1e",
    "n_number_exponent_sign_alone": b"1e+",
    "n_number_capital_exponent_empty": b"1E",
    "n_number_exponent_two_signs": b"1e+-2",
    "n_number_exponent_fraction": b"1e2.5",
    "n_number_two_exponents": b"1e2e3",
    "n_number_two_letters": b"1ee2",
    "n_number_space_inside": b"1 000",
    "n_number_space_before_exponent": b"1 e2",
    "n_number_space_after_exponent": b"1e 2",
    "n_number_thousands": b"1,000",
    "n_number_underscore": b"1_000",
    "n_number_hexadecimal": b"0x10",
    "n_number_octal": b"0o7",
    "n_number_binary": b"0b1",
    "n_number_hexadecimal_digits": b"1A",
    "n_number_suffix_of_long": b"1L",
    "n_number_suffix_of_float": b"1.0f",
    "n_number_complex": b"1j",
    "n_number_letter_after": b"1a",
    "n_number_minus_after": b"1-2",
    "n_number_expression": b"1+2",
    "n_number_quotient": b"1/2",
    "n_number_nan": b"NaN",
    "n_number_negative_nan": b"-NaN",
    "n_number_small_nan": b"nan",
    "n_number_infinity": b"Infinity",
    "n_number_negative_infinity": b"-Infinity",
    "n_number_inf": b"inf",
    "n_number_snan": b"sNaN",
    "n_number_fullwidth_digit": "１".encode(),
    "n_number_arabic_digit": "١".encode(),
    "n_number_fullwidth_digit_behind": "1２".encode(),
    "n_number_superscript": "1²".encode(),
    "n_number_mathematical_minus": "−1".encode(),
    "n_number_null_byte_behind": b"1\x00",
    "n_number_invalid_utf8_inside": b"1\xff",
    # Objects.
    "n_object_unclosed": b"{",
    "n_object_unclosed_after_key": b'{"a"',
    "n_object_unclosed_after_colon": b'{"a":',
    "n_object_unclosed_after_value": b'{"a":1',
    "n_object_unclosed_after_comma": b'{"a":1,',
    "n_object_closed_by_bracket": b'{"a":1]',
    "n_object_closed_twice": b'{"a":1}}',
    "n_object_only_comma": b"{,}",
    "n_object_only_colon": b"{:}",
    "n_object_only_value": b"{1}",
    "n_object_only_key": b'{"a"}',
    "n_object_comma_first": b'{,"a":1}',
    "n_object_comma_last": b'{"a":1,}',
    "n_object_two_commas": b'{"a":1,,"b":2}',
    "n_object_missing_comma": b'{"a":1 "b":2}',
    "n_object_semicolon": b'{"a":1;"b":2}',
    "n_object_missing_colon": b'{"a" 1}',
    "n_object_two_colons": b'{"a"::1}',
    "n_object_comma_for_colon": b'{"a",1}',
    "n_object_equals_for_colon": b'{"a"=1}',
    "n_object_missing_key": b"{:1}",
    "n_object_missing_value": b'{"a":}',
    "n_object_missing_value_before_comma": b'{"a":,"b":1}',
    "n_object_two_values": b'{"a":1 2}',
    "n_object_value_and_colon": b'{"a":1:2}',
    "n_object_key_without_quotes": b"{a:1}",
    "n_object_key_in_single_quotes": b"{'a':1}",
    "n_object_key_of_number": b"{1:1}",
    "n_object_key_of_null": b"{null:1}",
    "n_object_key_of_array": b"{[]:1}",
    "n_object_key_of_object": b"{{}:1}",
    "n_object_element": b'{"a":1,2}',
    "n_object_trailing_comment": b'{"a":1/**/}',
    "n_object_key_with_control": b'{"a\nb":1}',
    "n_object_key_with_wrong_escape": b'{"\\x":1}',
    # Strings.
    "n_string_lonely_quote": b'"',
    "n_string_unclosed": b'"a',
    "n_string_unclosed_after_escape": b'"\\"',
    "n_string_unclosed_in_array": b'["a]',
    "n_string_backslash_last": b'"\\',
    "n_string_single_quotes": b"'a'",
    "n_string_no_quotes": b"abc",
    "n_string_closed_by_single_quote": b"\"a'",
    "n_string_newline": b'"a\nb"',
    "n_string_return": b'"a\rb"',
    "n_string_tab": b'"a\tb"',
    "n_string_null": b'"a\x00b"',
    "n_string_unit_separator": b'"a\x1fb"',
    "n_string_escaped_newline": b'"\\\n"',
    "n_string_escape_x": b'"\\x41"',
    "n_string_escape_a": b'"\\a"',
    "n_string_escape_v": b'"\\v"',
    "n_string_escape_zero": b'"\\0"',
    "n_string_escape_apostrophe": b'"\\\'"',
    "n_string_escape_space": b'"\\ "',
    "n_string_escape_brace": b'"\\u{41}"',
    "n_string_escape_capital_u": b'"\\U0041"',
    "n_string_escape_of_no_digits": b'"\\u"',
    "n_string_escape_of_three_digits": b'"\\u004"',
    "n_string_escape_of_other_letter": b'"\\u00g1"',
    "n_string_escape_with_sign": b'"\\u+041"',
    "n_string_escape_with_space": b'"\\u 041"',
    "n_string_escape_with_0x": b'"\\u0x41"',
    "n_string_escape_of_fullwidth_digits": '"\\u００４１"'.encode(),
    "n_string_half_escape_after_pair": b'"\\ud83d\\ude0"',
    "n_string_escaped_emoji": '"\\\U0001f600"'.encode(),
    "n_string_invalid_byte": b'"\xff"',
    "n_string_lonely_continuation": b'"\x80"',
    "n_string_unfinished_sequence": b'"\xc3"',
    "n_string_overlong_slash": b'"\xc0\xaf"',
    "n_string_overlong_null": b'"\xc0\x80"',
    "n_string_overlong_of_three": b'"\xe0\x80\xaf"',
    "n_string_utf8_surrogate": b'"\xed\xa0\x80"',
    "n_string_utf8_surrogate_pair": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "n_string_beyond_unicode": b'"\xf4\x90\x80\x80"',
    "n_string_sequence_of_five": b'"\xf8\x88\x80\x80\x80"',
    "n_string_latin_1": '"é"'.encode("latin-1"),
    # Structure.
    "n_structure_nothing": b"",
    "n_structure_only_space": b" ",
    "n_structure_only_newlines": b"\n\n",
    "n_structure_null_byte": b"\x00",
    "n_structure_null_byte_after": b"[]\x00",
    "n_structure_only_close": b"]",
    "n_structure_only_close_of_object": b"}",
    "n_structure_two_arrays": b"[][]",
    "n_structure_two_values": b"1 2",
    "n_structure_value_on_each_line": b"{}\n{}",
    "n_structure_trailing_letter": b"[]x",
    "n_structure_trailing_brace": b"{}}",
    "n_structure_trailing_comment": b"[] // a",
    "n_structure_leading_comment": b"/* a */ []",
    "n_structure_hash_comment": b"[] # a",
    "n_structure_capital_true": b"True",
    "n_structure_capital_null": b"NULL",
    "n_structure_capital_false": b"False",
    "n_structure_none": b"None",
    "n_structure_undefined": b"undefined",
    "n_structure_cut_true": b"tru",
    "n_structure_cut_null": b"nul",
    "n_structure_long_true": b"trueish",
    "n_structure_two_words": b"truefalse",
    "n_structure_parentheses": b"(1)",
    "n_structure_angles": b"<null>",
    "n_structure_lonely_backslash": b"\\",
    "n_structure_escape_outside": b"\\u005B1]",
    "n_structure_escaped_quote_outside": b'\\"a"',
    "n_structure_call": b"f([])",
    "n_structure_guard": b")]}'\n[]",
    "n_structure_interleaved": b'[{"a":1]}',
    "n_structure_open_many": b"[" * 100_000,
    "n_structure_object_open_many": b'{"a":' * 10_000,
    # White space that JSON does not have.
    "n_space_vertical_tab": b"[\x0b1]",
    "n_space_form_feed": b"[1\x0c]",
    "n_space_trailing_form_feed": b"[]\x0c",
    "n_space_no_break": "[\u00a01]".encode(),
    "n_space_next_line": "[\u00851]".encode(),
    "n_space_em": "[\u20031]".encode(),
    "n_space_ideographic": "[1\u3000]".encode(),
    "n_space_zero_width": "[\u200b]".encode(),
    "n_space_word_joiner": "\u2060[]".encode(),
    "n_space_line_separator": "[]\u2028".encode(),
    "n_space_byte_order_mark_inside": "[\ufeff]".encode(),
    "n_space_byte_order_mark_behind": "[]\ufeff".encode(),
    "n_space_unit_separator": b"[1,\x1f2]",
    "n_space_escaped": b"[\\n]",
    # Encodings other than UTF-8.
    "n_encoding_utf16_le": '["a"]'.encode("utf-16-le"),
    "n_encoding_utf16_be": '["a"]'.encode("utf-16-be"),
    "n_encoding_utf16_with_mark": '["a"]'.encode("utf-16"),
    "n_encoding_utf32": '["a"]'.encode("utf-32"),
    "n_encoding_utf32_le": '["a"]'.encode("utf-32-le"),
    "n_encoding_ebcdic": '["a"]'.encode("cp500"),
}

#: What this project has decided where the RFC leaves it open: the code of the fault, or none.
DECIDED: Final[dict[str, tuple[bytes, str | None]]] = {
    "i_number_beyond_double": (b"1e400", "QA010"),
    "i_number_negative_beyond_double": (b"-1e400", "QA010"),
    "i_number_just_beyond_double": (b"1.7976931348623159e308", "QA010"),
    "i_number_just_within_double": (b"1.79769313486231580e308", None),
    "i_number_huge_exponent": (b"1e99999999999999999999", "QA010"),
    "i_number_integer_beyond_double": (b"1" + b"0" * 309, "QA010"),
    "i_number_integer_beyond_64_bits": (b"18446744073709551616", None),
    "i_number_negative_integer_beyond_64_bits": (b"-9223372036854775809", None),
    "i_number_integer_of_300_digits": (b"9" * 300, None),
    "i_number_integer_too_long": (b"1" + b"0" * 4300, "QA011"),
    "i_number_below_the_smallest": (b"1e-400", None),
    "i_number_huge_negative_exponent": (b"1e-99999999999999999999", None),
    "i_number_zero_with_huge_exponent": (b"0e99999999999999999999", None),
    "i_number_more_digits_than_a_double": (b"0.1000000000000000055511151231257827", None),
    "i_object_key_twice": (b'{"a":1,"a":2}', "QA008"),
    "i_object_key_and_value_twice": (b'{"a":1,"a":1}', "QA008"),
    "i_object_key_twice_by_escape": (b'{"a":1,"\\u0061":2}', "QA008"),
    "i_object_key_three_times": (b'{"a":1,"b":2,"a":3,"a":4}', "QA008"),
    "i_object_key_twice_inside": (b'[{"a":{"b":1,"b":1}}]', "QA008"),
    "i_object_empty_key_twice": (b'{"":1,"":2}', "QA008"),
    "i_object_keys_of_other_composition": ('{"é":1,"e\u0301":2}'.encode(), None),
    "i_object_key_of_half_a_character": (b'{"\\uD800":1}', "QA012"),
    "i_string_high_surrogate": (b'"\\uD800"', "QA012"),
    "i_string_low_surrogate": (b'"\\uDC00"', "QA012"),
    "i_string_two_high_surrogates": (b'"\\uD800\\uD800"', "QA012"),
    "i_string_pair_the_wrong_way": (b'"\\uDD1E\\uD834"', "QA012"),
    "i_string_high_surrogate_and_letter": (b'"\\uD834a"', "QA012"),
    "i_string_high_surrogate_and_escape": (b'"\\uD834\\n"', "QA012"),
    "i_string_pair_parted_by_escaped_backslash": (b'"\\uD834\\\\uDD1E"', "QA012"),
    "i_string_backslash_before_what_looks_like_one": (b'"\\\\uD800"', None),
    "i_structure_byte_order_mark": (b"\xef\xbb\xbf[]", "QA007"),
    "i_structure_only_byte_order_mark": (b"\xef\xbb\xbf", "QA007"),
    "i_structure_two_byte_order_marks": (b"\xef\xbb\xbf\xef\xbb\xbf[]", "QA007"),
    "i_structure_cut_byte_order_mark": (b"\xef\xbb[]", "QA006"),
    "i_structure_too_deep": (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "QA014"),
    "i_structure_deep_objects": (b'{"a":' * DEEPEST + b"{}" + b"}" * DEEPEST, "QA014"),
}
EVERY: Final = {**ACCEPTED, **REFUSED, **{name: data for name, (data, _) in DECIDED.items()}}


@pytest.mark.parametrize("name", EVERY)
def test_reading(name: str) -> None:
    data = EVERY[name]
    codes = [fault.code for fault in read(data, DEFAULTS).faults]
    decided = DECIDED[name][1] if name in DECIDED else None
    assert bool(codes) is (name in REFUSED or decided is not None)
    if decided is not None:
        assert codes[0] == decided
    # The three readers of this project agree: decoder, scanner, and reference.
    assert codes or scan(data.decode("utf-8"), DEFAULTS) == ()
    try:
        value = reference.read_text(data, DEFAULTS)
    except reference.Refused:
        assert codes
    else:
        assert repr(value) == repr(read(data, DEFAULTS).value)


def test_the_cases_are_many_and_different() -> None:
    assert len(EVERY) == len(ACCEPTED) + len(REFUSED) + len(DECIDED) > 300
    assert len(set(EVERY.values())) == len(EVERY)
    for prefix, cases in (("y_", ACCEPTED), ("n_", REFUSED), ("i_", DECIDED)):
        assert all(name.startswith(prefix) for name in cases)
    kinds = {name.split("_")[1] for name in EVERY}
    assert kinds == {"array", "encoding", "number", "object", "space", "string", "structure"}


# ----------------------------------------------------------------------------------------------
# In payloads

#: Good payloads; text between the marks is replaced, marks by themselves stand where nothing is.
TEMPLATES: Final = {
    P1: '‹›{‹›‹"0"›‹›‹:›‹›‹0.5›‹›‹,›‹›‹"3"›:‹0.5›‹›}‹›',
    P2: '‹›{‹"probabilities"›‹:›{‹"registers"›:{‹"c"›:{‹›‹"00"›‹:›‹0.5›‹,›"11":‹0.5›‹›}‹›}}}‹›',
    H1: '‹›{‹›‹"0"›‹›‹:›‹›‹500›‹›‹,›‹›‹"3"›:‹250›‹›}‹›',
    H2: '‹›{‹"histogram"›‹:›{‹"registers"›:{‹"c"›:{‹›‹"00"›‹:›‹500›‹,›"11":‹250›‹›}‹›}}}‹›',
    S1: '‹›[‹›‹"2"›‹›‹,›‹›‹"1"›‹›]‹›',
    S2: '‹›{‹"shots"›‹:›[{‹"registers"›:{‹"c"›‹:›[‹›‹1›‹,›‹0›‹›]‹›}‹,›‹"leakage_bits"›:[‹0›]}‹›,{"registers":{"c":[‹0›,1]},"leakage_bits":[0]}]}‹›',
    AGGREGATE: '‹›{‹"06a2099c-f845-7208-8000-8111ee2dccbc"›‹:›{‹"2"›:‹1›‹›}‹,›"06a2099c-f846-7d32-8000-5726853513db":{‹›‹"0"›‹:›‹0.5›‹,›"1":‹0.5›}}‹›',
    NATIVE: '‹›{‹"qubits"›‹:›‹2›‹,›"circuit":[‹›{"gate":‹"gpi2"›,‹"target"›:‹0›,"phase":‹0.75›‹›}]}‹›',
}  # fmt: skip


def spliced(template: str, text: bytes) -> Iterator[bytes]:
    """The payload with a text in each of its marked places, one at a time."""
    parts = template.replace("›", "‹").split("‹")
    for place in range(1, len(parts), 2):
        before, after = "".join(parts[:place]), "".join(parts[place + 1 :])
        yield before.encode() + text + after.encode()


@pytest.mark.parametrize("pieces", [None, 40])
@pytest.mark.parametrize("format", TEMPLATES)
def test_hostile_text_in_a_payload(format: str, pieces: int | None) -> None:
    """What cannot be read is not accepted by any way, whatever it stands in the place of."""
    examiner = examiner_of(format, DEFAULTS, pieces)
    outcomes: set[Outcome] = set()
    with pieces_of(pieces):
        texts = [each for each in EVERY.values() if len(each) < 400]
        for text in texts[:: length(1 if pieces is None else 3, 1)]:
            for data in spliced(TEMPLATES[format], text):
                found = judged(examiner, data)
                outcomes.add(found)
                if read(data, DEFAULTS).faults:
                    assert found is Outcome.REFUSED, data
    # Some of what is put in, such as white space or 0.5, leaves a payload good.
    assert len(outcomes) > 1


@pytest.mark.parametrize("format", TEMPLATES)
def test_templates_are_good(format: str) -> None:
    text = TEMPLATES[format].replace("‹", "").replace("›", "").encode()
    assert isinstance(json.loads(text), (dict, list))
    assert judged(examiner_of(format, DEFAULTS, None), text) is not Outcome.REFUSED
