// A cell of CSV (RFC 4180): quoted where it has to be.
#pragma once

#include <string>
#include <string_view>

namespace telltale::base {

std::string csv_cell(std::string_view text);
// The same for text that others chose: what a spreadsheet would take for a formula begins with a
// single quote.
std::string csv_text_cell(std::string_view text);

}  // namespace telltale::base
