// What texts of a server may hide: invisible characters, instructions to the model, terminal
// escapes, traces of the inside, secrets. Each gives "" or what was found. Scans by hand, in one
// pass: texts come from outside and may be long. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace telltale::lab {

std::string hidden_characters(std::string_view text);  // tag, zero-width and bidi characters
std::string instruction_to_model(std::string_view text);
std::string terminal_escape(std::string_view text);
std::string stack_trace(std::string_view text);
std::string internal_path(std::string_view text);
std::string secret(std::string_view text);  // keys and tokens of well-known shapes
bool is_passwd_file(std::string_view text);

}  // namespace telltale::lab
