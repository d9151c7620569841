#include "report/text_writers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"

namespace telltale::report {
namespace {

constexpr std::string_view kMarkdownSigns = "\\`*_[]<>|#~&!";

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kMarkdownSigns.find(c) != std::string_view::npos) out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

struct MarkdownWriter {
  std::string& out;

  void row(const std::vector<std::string>& cells) const {
    out += '|';
    for (const auto& cell : cells) out += ' ' + markdown_text(cell) + " |";
    out += '\n';
  }
  void operator()(const Heading& block) const { out += "## " + markdown_text(block.text) + "\n\n"; }
  void operator()(const Paragraph& block) const { out += markdown_text(block.text) + "\n\n"; }
  void operator()(const Table& block) const {
    if (!block.caption.empty()) out += markdown_text(block.caption) + "\n\n";
    row(block.head);
    out += '|';
    for (std::size_t i = 0; i < block.head.size(); ++i)
      out += !block.rows.empty() && i < block.rows[0].size() && block.rows[0][i].number ? "---:|"
                                                                                        : "---|";
    out += '\n';
    for (const auto& cells : block.rows) {
      std::vector<std::string> texts;
      texts.reserve(cells.size());
      for (const auto& cell : cells) texts.push_back(cell.text);
      row(texts);
    }
    out += '\n';
  }
  void operator()(const Figures& block) const {
    for (const auto& [label, cell] : block.all)
      out += "- " + markdown_text(label) + ": **" + markdown_text(cell.text) + "**\n";
    out += '\n';
  }
  void operator()(const Chart& block) const {
    out += "**" + markdown_text(block.title) + "**";
    if (!block.unit.empty()) out += ", " + markdown_text(block.unit);
    out += "\n\n";
    for (const auto& series : block.series) {
      double low = kNoValue, high = kNoValue;
      for (const auto& point : series.points) {
        if (std::isnan(point.y)) continue;
        low = std::isnan(low) ? point.y : std::min(low, point.y);
        high = std::isnan(high) ? point.y : std::max(high, point.y);
      }
      out += "- " + markdown_text(series.name) +
             (std::isnan(low) ? std::string(": nothing\n")
                              : fmt::format(": {:g} to {:g}\n", low, high));
    }
    out += '\n';
  }
};

std::string csv_cell(std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  // A negative number is one.
  const bool number = !text.empty() && text.find_first_not_of("+-.0123456789eE") == text.npos;
  std::string out = formula && !number ? "'" : "";
  out += text;
  if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

struct CsvWriter {
  std::string& out;

  void row(const std::vector<std::string>& cells) const {
    for (std::size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "," : "") + csv_cell(cells[i]);
    out += "\r\n";
  }
  void gap() const {
    if (!out.empty()) out += "\r\n";
  }
  void operator()(const Heading& block) const {
    gap();
    row({block.text});
  }
  void operator()(const Paragraph& block) const { row({block.text}); }
  void operator()(const Table& block) const {
    gap();
    if (!block.caption.empty()) row({block.caption});
    row(block.head);
    for (const auto& cells : block.rows) {
      std::vector<std::string> texts;
      texts.reserve(cells.size());
      for (const auto& cell : cells) texts.push_back(cell.text);
      row(texts);
    }
  }
  void operator()(const Figures& block) const {
    for (const auto& [label, cell] : block.all) row({label, cell.text});
  }
  void operator()(const Chart& block) const {
    gap();
    row({block.title, block.unit});
    row({"series",
         !std::isnan(block.epoch) ? "time"
         : block.x_unit == "s"    ? "seconds"
                                  : "x",
         "value"});
    for (const auto& series : block.series)
      for (const auto& point : series.points)
        if (!std::isnan(point.y))
          row({series.name,
               std::isnan(block.epoch)
                   ? fmt::format("{:g}", point.x)
                   : base::format_rfc3339(base::from_unix_ms(
                         static_cast<std::int64_t>((block.epoch + point.x) * 1'000))),
               fmt::format("{:.10g}", point.y)});
  }
};

}  // namespace

std::string write_markdown(const Document& document) {
  std::string out = "# " + markdown_text(document.title) + "\n\n";
  for (const auto& block : document.blocks) std::visit(MarkdownWriter{out}, block);
  return out;
}

std::string write_csv(const Document& document) {
  std::string out;
  CsvWriter writer{out};
  writer.row({document.title});
  for (const auto& block : document.blocks) std::visit(writer, block);
  return out;
}

}  // namespace telltale::report
