// A Document as PDF: A4, vector charts, contents that jump, bookmarks, page numbers, text in any
// script that a font of the machine has; what none has is named on the last page. Takes some
// milliseconds a page: not on a loop.
#pragma once

#include "base/error.hpp"
#include "report/document.hpp"

namespace telltale::report {

struct PdfLimits {
  std::size_t rows = 1'000;  // of one table; what is more is said, and is in the CSV
  std::size_t headings = 2'000;
};
// unavailable: Pango is not installed.
base::Result<std::string> write_pdf(const Document& document, const PdfLimits& limits = {});

}  // namespace telltale::report
