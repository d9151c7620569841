#include "report/pdf/pdf.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/pdf/flow.hpp"

namespace telltale::report {
namespace {

using pdf::Canvas;
using pdf::Flow;

constexpr double kEntry = 15;             // height of a line of the contents
constexpr std::size_t kContentsFrom = 3;  // headings; fewer are found without

std::vector<std::string> headings_of(const Document& document) {
  std::vector<std::string> out;
  for (const auto& block : document.blocks)
    if (const auto* heading = std::get_if<Heading>(&block)) out.push_back(heading->text);
  return out;
}

struct Known {  // by the first draft
  std::vector<int> pages;
  int last = 0;
};

void footer(Canvas& canvas, const std::string& title, int last) {
  constexpr double kY = Canvas::kHeight - 42;
  canvas.line(Flow::kMargin, kY, Flow::kMargin + Flow::kRoom, kY, pdf::kLine);
  canvas.text(title, Flow::kRoom - 80, {.size = 7.5, .colour = pdf::kMuted, .lines_max = 1})
      .draw(Flow::kMargin, kY + 5);
  canvas
      .text(fmt::format("{} / {}", canvas.page(), last), Flow::kRoom,
            {.size = 7.5, .colour = pdf::kMuted, .align = PANGO_ALIGN_RIGHT})
      .draw(Flow::kMargin, kY + 5);
}

void contents(Canvas& canvas, Flow& flow, const std::vector<std::string>& headings,
              const Known& known) {
  flow.words("Contents", {.size = 13, .bold = true}, 6);
  for (std::size_t i = 0; i < headings.size(); ++i) {
    flow.need(kEntry);
    const auto name = fmt::format("h{}", i);
    const auto page = i < known.pages.size() ? known.pages[i] : 0;
    const auto label = canvas.text(headings[i], Flow::kRoom - 50, {.size = 9.5, .lines_max = 1});
    const auto number =
        canvas.text(std::to_string(page), 40, {.size = 9.5, .align = PANGO_ALIGN_RIGHT});
    canvas.begin_link(name);
    label.draw(Flow::kMargin, flow.y());
    number.draw(Flow::kMargin + Flow::kRoom - 40, flow.y());
    canvas.end_link();
    flow.skip(kEntry);
  }
  flow.next_page();
}

std::string note_of(const std::set<char32_t>& unknown) {
  std::string out = "No font of the machine that wrote this has";
  for (const auto one : unknown) out += fmt::format(" U+{:04X}", static_cast<std::uint32_t>(one));
  return out + (unknown.size() >= Canvas::kUnknownMax ? " and more" : "") +
         "; these are boxes above. Fonts of the package fonts-noto may have them.";
}

base::Result<std::string> draft(const Document& document, const PdfLimits& limits, bool keep,
                                Known& known) {
  Canvas canvas(document.title, keep);
  const auto draw_footer = [&, last = known.last](Canvas& on) { footer(on, document.title, last); };
  Flow flow(canvas, limits, draw_footer);
  flow.title(document.title);
  auto headings = headings_of(document);
  if (headings.size() > limits.headings) headings.resize(limits.headings);
  if (headings.size() >= kContentsFrom) contents(canvas, flow, headings, known);
  for (const auto& block : document.blocks) std::visit(flow, block);
  if (!canvas.unknown().empty())
    flow(Paragraph{.text = note_of(canvas.unknown()), .tone = Tone::warning});
  draw_footer(canvas);
  known = {.pages = flow.pages(), .last = canvas.page()};
  return canvas.finish();
}

}  // namespace

// Twice: the first draft finds the pages that the contents and the footers name.
base::Result<std::string> write_pdf(const Document& document, const PdfLimits& limits) {
  if (auto loaded = pdf::load_libraries(); !loaded) return std::unexpected(loaded.error());
  Known known;
  if (auto first = draft(document, limits, false, known); !first) return first;
  return draft(document, limits, true, known);
}

}  // namespace telltale::report
