// A Document as Markdown (tables as GitHub has them; charts as their extremes) and as CSV (RFC
// 4180: every table and the points of every chart, one after the other, each under a line with its
// name). A cell that a spreadsheet would take for a formula begins with an apostrophe.
#pragma once

#include "report/document.hpp"

namespace telltale::report {

std::string write_markdown(const Document& document);
std::string write_csv(const Document& document);

}  // namespace telltale::report
