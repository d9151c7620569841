// HtmlPage: one self-contained HTML file: styles inside, no scripts, nothing loaded from anywhere.
// All text is escaped here; only svg() and table() know markup. Plain values, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace telltale::report {

std::string escape_html(std::string_view text);  // also for attributes in double quotes

enum class Theme : std::uint8_t { automatic, dark, light };  // automatic: the reader's

enum class Tone : std::uint8_t { none, good, warning, bad };

struct Cell {
  std::string text;
  Tone tone = Tone::none;
  bool number = false;  // set to the right
};

class HtmlPage {
 public:
  // `reload_s`: an open page reads itself anew that often; 0: it does not.
  HtmlPage(std::string_view title, Theme theme, double reload_s = 0);
  void heading(std::string_view text);
  void paragraph(std::string_view text, Tone tone = Tone::none);
  void table(std::string_view caption, const std::vector<std::string>& head,
             const std::vector<std::vector<Cell>>& rows);
  // Label and value, in a row of cards.
  void figures(const std::vector<std::pair<std::string, Cell>>& all);
  void svg(std::string_view drawn);  // of svg_chart(); taken as it is
  std::string take();

 private:
  std::string out_;
};

}  // namespace telltale::report
