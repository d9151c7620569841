#include "report/pdf/flow.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "report/chart_drawing.hpp"

namespace telltale::report::pdf {
namespace {

constexpr double kCellGap = 8;
constexpr double kCellSize = 8;
constexpr int kCellLines = 12;
constexpr std::size_t kRowsMeasured = 50;
constexpr double kColumnMin = 28;
constexpr double kScale = Flow::kRoom / ChartDrawing::kWidth;
constexpr double kLabelSize = 11 * kScale * 1.15;

Style cell_style(const Cell& cell, bool head) {
  return {.size = kCellSize,
          .bold = head,
          .colour = head ? kInk : colour_of(cell.tone),
          .align = cell.number ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT,
          .lines_max = kCellLines};
}

}  // namespace

void Flow::next_page() {
  footer_(canvas_);
  canvas_.next_page();
  y_ = kMargin;
}

// Over as many pages as it takes.
void Flow::words(const std::string& text, const Style& style, double gap) {
  const auto shaped = canvas_.text(text, kRoom, style);
  if (shaped.height() > left() && shaped.height() < kBottom - kMargin) need(shaped.height());
  for (int line = 0; line >= 0;) {
    y_ += shaped.draw_lines(kMargin, y_, left(), &line);
    if (line >= 0) next_page();
  }
  y_ += gap;
}

void Flow::title(const std::string& text) {
  words(text, {.size = 20, .bold = true}, 10);
}

void Flow::operator()(const Heading& block) {
  y_ += 8;
  need(70);  // never alone at the end of a page
  const auto name = fmt::format("h{}", pages_.size());
  canvas_.destination(name);
  if (pages_.size() < limits_.headings) canvas_.outline(block.text, name);
  pages_.push_back(canvas_.page());
  words(block.text, {.size = 13, .bold = true}, 4);
}

void Flow::operator()(const Paragraph& block) {
  words(block.text,
        {.size = 9, .colour = block.tone == Tone::none ? kMuted : colour_of(block.tone)}, 7);
}

void Flow::operator()(const Figures& block) {
  constexpr int kInRow = 4;
  constexpr double kHeight = 40;
  const double width = kRoom / kInRow;
  for (std::size_t i = 0; i < block.all.size(); ++i) {
    const auto column = static_cast<int>(i % kInRow);
    if (column == 0) need(kHeight);
    const double x = kMargin + column * width;
    const auto& [label, cell] = block.all[i];
    canvas_.box(x, y_, width - 6, kHeight - 6, {0.955, 0.965, 0.975});
    canvas_.text(label, width - 18, {.size = 7.5, .colour = kMuted, .lines_max = 1})
        .draw(x + 6, y_ + 4);
    canvas_
        .text(cell.text, width - 18,
              {.size = 12, .bold = true, .colour = colour_of(cell.tone), .lines_max = 1})
        .draw(x + 6, y_ + 15);
    if (column == kInRow - 1 || i + 1 == block.all.size()) y_ += kHeight;
  }
  y_ += 6;
}

// What they would like, and where that is too much, in proportion.
std::vector<double> Flow::widths_of(const Table& block) {
  std::vector<double> out(block.head.size());
  const auto measure = [&](std::size_t column, const std::string& text, bool bold) {
    const auto shaped = canvas_.text(text.substr(0, 200), 0, {.size = kCellSize, .bold = bold});
    out[column] = std::max(out[column], shaped.width() + kCellGap + 1);
  };
  for (std::size_t i = 0; i < out.size(); ++i) measure(i, block.head[i], true);
  for (std::size_t row = 0; row < std::min(kRowsMeasured, block.rows.size()); ++row)
    for (std::size_t i = 0; i < std::min(out.size(), block.rows[row].size()); ++i)
      measure(i, block.rows[row][i].text, false);
  const double fair = kRoom / static_cast<double>(std::max<std::size_t>(1, out.size()));
  const auto sum = std::accumulate(out.begin(), out.end(), 0.0);
  if (sum <= kRoom) return out;
  // Columns that ask for no more than their share have it; the others share what is left.
  double small = 0, large = 0;
  for (const auto width : out) (width <= fair ? small : large) += width;
  for (auto& width : out)
    if (width > fair) width = std::max(kColumnMin, width * (kRoom - small) / large);
  return out;
}

void Flow::table_row(const std::vector<Cell>& cells, const std::vector<double>& widths, bool head) {
  std::vector<Text> texts;
  double height = 0;
  for (std::size_t i = 0; i < std::min(cells.size(), widths.size()); ++i) {
    texts.push_back(canvas_.text(cells[i].text, widths[i] - kCellGap, cell_style(cells[i], head)));
    height = std::max(height, texts.back().height());
  }
  need(height + 5);
  double x = kMargin;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i].draw(x, y_ + 2);
    x += widths[i];
  }
  y_ += height + 4;
  canvas_.line(kMargin, y_, kMargin + std::accumulate(widths.begin(), widths.end(), 0.0), y_,
               kLine);
}

void Flow::operator()(const Table& block) {
  need(50);
  if (!block.caption.empty()) words(block.caption, {.size = 8.5, .colour = kMuted}, 2);
  const auto widths = widths_of(block);
  std::vector<Cell> head;
  head.reserve(block.head.size());
  for (std::size_t i = 0; i < block.head.size(); ++i)
    head.push_back(
        {.text = block.head[i],
         .number = !block.rows.empty() && i < block.rows[0].size() && block.rows[0][i].number});
  table_row(head, widths, true);
  const auto shown = std::min(block.rows.size(), limits_.rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto page = canvas_.page();
    if (left() < 20) next_page();
    if (canvas_.page() != page) table_row(head, widths, true);
    table_row(block.rows[i], widths, false);
  }
  if (shown < block.rows.size())
    words(
        fmt::format("{} more rows are left out here; the CSV has them.", block.rows.size() - shown),
        {.size = 8.5, .colour = kMuted}, 2);
  y_ += 10;
}

void Flow::operator()(const Chart& block) {
  const auto drawing = report::draw(block);
  const bool named = block.series.size() > 1;
  need(drawing.height * kScale + (named ? 34 : 22));
  words(block.unit.empty() ? block.title : block.title + ", " + block.unit,
        {.size = 9, .bold = true}, 2);
  double x = kMargin;
  for (std::size_t i = 0; named && i < block.series.size(); ++i) {
    const auto label =
        canvas_.text(block.series[i].name, 0, {.size = 7.5, .colour = kMuted, .lines_max = 1});
    if (x + label.width() + 24 > kMargin + kRoom && x > kMargin) {
      x = kMargin;
      y_ += 11;
    }
    canvas_.line(x, y_ + 5, x + 16, y_ + 5, colour_of_series(i), 1.2, dashes_of(i), 0.6);
    label.draw(x + 20, y_);
    x += label.width() + 30;
  }
  if (named) y_ += 12;
  const auto at = [&](const Spot& spot) {
    return Spot{kMargin + spot.x * kScale, y_ + spot.y * kScale};
  };
  for (const auto& rule : drawing.rules)
    canvas_.line(at(rule.from).x, at(rule.from).y, at(rule.to).x, at(rule.to).y,
                 rule.mark ? kMuted : kLine, 0.4, rule.mark ? "2 3" : "", kScale);
  for (const auto& bar : drawing.bars)
    canvas_.box(at(bar.at).x, at(bar.at).y, bar.width * kScale, bar.height * kScale,
                colour_of_series(static_cast<std::size_t>(bar.colour - 1)));
  for (const auto& label : drawing.labels) {
    const auto text =
        canvas_.text(label.text, 0, {.size = kLabelSize, .colour = label.on_bar ? kWhite : kMuted});
    const auto shift = label.anchor == Label::Anchor::end      ? text.width()
                       : label.anchor == Label::Anchor::middle ? text.width() / 2
                                                               : 0;
    text.draw(std::max(0.0, at(label.at).x - shift), at(label.at).y - text.height() * 0.8);
  }
  for (const auto& curve : drawing.curves) {
    for (const auto& piece : curve.pieces)
      for (std::size_t i = 0; i < piece.size(); ++i)
        i == 0 ? canvas_.begin_path(at(piece[i]).x, at(piece[i]).y)
               : canvas_.path_to(at(piece[i]).x, at(piece[i]).y);
    canvas_.stroke_path(colour_of_series(curve.colour), 0.9, dashes_of(curve.colour), kScale);
  }
  y_ += drawing.height * kScale + 12;
}

}  // namespace telltale::report::pdf
