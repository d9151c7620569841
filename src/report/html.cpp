#include "report/html.hpp"

#include <utility>

namespace telltale::report {
namespace {

// Colours that differ in lightness too; --s1 to --s6 are those of series.
constexpr std::string_view kDark =
    "--ground:#0e1013;--surface:#16191e;--line:#2a2f37;--text:#e6e8eb;--muted:#9aa3ad;--good:#"
    "4cc38a;"
    "--warning:#f1a10d;--bad:#ff6369;--s1:#6ea8fe;--s2:#f1a10d;--s3:#4cc38a;--s4:#d19dff;--s5:#"
    "ff8b8f;--s6:#7ce2fe;";
constexpr std::string_view kLight =
    "--ground:#fbfcfd;--surface:#ffffff;--line:#d7dbdf;--text:#11181c;--muted:#5b646c;--good:#"
    "18794e;"
    "--warning:#ad5700;--bad:#cd2b31;--s1:#0b68cb;--s2:#ad5700;--s3:#18794e;--s4:#793aaf;--s5:#"
    "cd2b31;--s6:#0c7792;";
constexpr std::string_view kStyle =
    "*{box-sizing:border-box}body{margin:0 "
    "auto;padding:24px;max-width:1100px;background:var(--ground);color:var(--text);"
    "font:14px/1.5 system-ui,sans-serif}h1{font-size:22px;margin:0 0 "
    "4px}h2{font-size:16px;margin:28px 0 8px}"
    "p{margin:0 0 12px;color:var(--muted)}table{border-collapse:collapse;width:100%;font-size:13px}"
    "caption{text-align:left;color:var(--muted);padding:0 0 6px}th,td{text-align:left;padding:5px "
    "10px 5px 0;"
    "border-bottom:1px solid "
    "var(--line);vertical-align:top}th{font-weight:600}.n{text-align:right;font-variant-numeric:"
    "tabular-nums}"
    ".good{color:var(--good)}.warning{color:var(--warning)}.bad{color:var(--bad)}.scroll{overflow-"
    "x:auto}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:"
    "0 0 16px}"
    ".cards div{background:var(--surface);border:1px solid "
    "var(--line);border-radius:6px;padding:10px}"
    ".cards dt{color:var(--muted);font-size:12px}.cards "
    "dd{margin:0;font-size:18px;font-variant-numeric:tabular-nums}"
    "figure{margin:0 0 18px;background:var(--surface);border:1px solid "
    "var(--line);border-radius:6px;padding:10px}"
    "figcaption{font-weight:600;margin-bottom:4px}svg{display:block;width:100%;height:auto}"
    "svg text{fill:var(--muted);font:11px "
    "system-ui,sans-serif}.grid{stroke:var(--line)}.mark{stroke:var(--muted);stroke-dasharray:2 3}"
    "@media print{body{max-width:none;padding:0}figure{break-inside:avoid}}";

std::string_view name_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::warning:
      return "warning";
    case Tone::bad:
      return "bad";
    case Tone::none:
      break;
  }
  return "";
}

std::string attribute(Tone tone, bool number) {
  std::string out(name_of(tone));
  if (number) out += out.empty() ? "n" : " n";
  return out.empty() ? out : " class=\"" + out + "\"";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

HtmlPage::HtmlPage(std::string_view title, Theme theme, double reload_s) {
  out_ =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>";
  out_ += escape_html(title);
  out_ += "</title>\n";
  if (reload_s > 0)
    out_.append("<meta http-equiv=\"refresh\" content=\"")
        .append(std::to_string(static_cast<int>(reload_s < 1 ? 1 : reload_s)))
        .append("\">\n");
  out_ += "<style>:root{";
  if (theme == Theme::automatic)
    out_.append(kLight)
        .append("}@media(prefers-color-scheme:dark){:root{")
        .append(kDark)
        .append("}");
  else
    out_ += theme == Theme::dark ? kDark : kLight;
  out_.append("}").append(kStyle).append("</style>\n</head>\n<body>\n<h1>");
  out_.append(escape_html(title)).append("</h1>\n");
}

void HtmlPage::heading(std::string_view text) {
  out_.append("<h2>").append(escape_html(text)).append("</h2>\n");
}

void HtmlPage::paragraph(std::string_view text, Tone tone) {
  out_.append("<p").append(attribute(tone, false)).append(">");
  out_.append(escape_html(text)).append("</p>\n");
}

void HtmlPage::table(std::string_view caption, const std::vector<std::string>& head,
                     const std::vector<std::vector<Cell>>& rows) {
  out_ += "<div class=\"scroll\"><table>";
  if (!caption.empty()) out_.append("<caption>").append(escape_html(caption)).append("</caption>");
  out_ += "<thead><tr>";
  for (std::size_t i = 0; i < head.size(); ++i) {
    const bool number = !rows.empty() && i < rows[0].size() && rows[0][i].number;
    out_.append("<th scope=\"col\"").append(attribute(Tone::none, number)).append(">");
    out_.append(escape_html(head[i])).append("</th>");
  }
  out_ += "</tr></thead>\n<tbody>";
  for (const auto& row : rows) {
    out_ += "<tr>";
    for (const auto& cell : row) {
      out_.append("<td").append(attribute(cell.tone, cell.number)).append(">");
      out_.append(escape_html(cell.text)).append("</td>");
    }
    out_ += "</tr>\n";
  }
  out_ += "</tbody></table></div>\n";
}

void HtmlPage::figures(const std::vector<std::pair<std::string, Cell>>& all) {
  out_ += "<dl class=\"cards\">";
  for (const auto& [label, cell] : all) {
    out_.append("<div><dt>").append(escape_html(label)).append("</dt><dd");
    out_.append(attribute(cell.tone, false)).append(">");
    out_.append(escape_html(cell.text)).append("</dd></div>");
  }
  out_ += "</dl>\n";
}

void HtmlPage::svg(std::string_view drawn) {
  out_.append("<figure>").append(drawn).append("</figure>\n");
}

std::string HtmlPage::take() {
  out_ += "</body>\n</html>\n";
  return std::exchange(out_, {});
}

}  // namespace telltale::report
