// Document: what is reported, before it is known how it will look. Written as a page (html.hpp),
// PDF (pdf/pdf.hpp), Markdown and CSV (text_writers.hpp) from the same blocks, so that none says
// what another does not. Plain values, any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "report/html.hpp"
#include "report/svg_chart.hpp"

namespace telltale::report {

struct Heading {
  std::string text;
};
struct Paragraph {
  std::string text;
  Tone tone = Tone::none;
};
struct Table {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<Cell>> rows;
};
struct Figures {
  std::vector<std::pair<std::string, Cell>> all;  // label and value
};
using Block = std::variant<Heading, Paragraph, Table, Figures, Chart>;

struct Document {
  std::string title;
  std::vector<Block> blocks = {};

  void heading(std::string text) { blocks.emplace_back(Heading{std::move(text)}); }
  void paragraph(std::string text, Tone tone = Tone::none) {
    blocks.emplace_back(Paragraph{std::move(text), tone});
  }
  void table(std::string caption, std::vector<std::string> head,
             std::vector<std::vector<Cell>> rows) {
    blocks.emplace_back(Table{std::move(caption), std::move(head), std::move(rows)});
  }
  void figures(std::vector<std::pair<std::string, Cell>> all) {
    blocks.emplace_back(Figures{std::move(all)});
  }
  void chart(Chart chart) { blocks.emplace_back(std::move(chart)); }
};

std::string write_html(const Document& document, Theme theme = Theme::automatic,
                       double reload_s = 0);

}  // namespace telltale::report
