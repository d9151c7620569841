// Golden files: a whole result as it once was and was found good.
#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "lab/run/expectations.hpp"

namespace telltale::lab::run {
namespace {

constexpr std::uintmax_t kGoldenBytes = 4U << 20U;
constexpr std::size_t kDiffLines = 2'000;  // of each side; beyond, lines are compared in step
constexpr std::size_t kAround = 3;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void write_pretty(const base::Json& value, std::string& out, std::size_t depth) {
  const std::string inner(2 * (depth + 1), ' ');
  const auto close = [&](char bracket) { out.append("\n").append(2 * depth, ' ') += bracket; };
  if (const auto* const list = value.if_array(); list != nullptr && !list->empty()) {
    out += '[';
    for (std::size_t i = 0; i < list->size(); ++i) {
      out += (i == 0 ? "\n" : ",\n") + inner;
      write_pretty((*list)[i], out, depth + 1);
    }
    return close(']');
  }
  if (const auto* const object = value.if_object(); object != nullptr && !object->empty()) {
    out += '{';
    bool first = true;
    for (const auto& one : *object) {
      out += (std::exchange(first, false) ? "\n" : ",\n") + inner +
             base::write_json(base::Json(one.key())) + ": ";
      write_pretty(one.value(), out, depth + 1);
    }
    return close('}');
  }
  out += base::write_json(value);
}

struct Line {
  char mark;
  std::string_view text;
};

// The longest common subsequence by rows; both sides are bounded.
std::vector<Line> compare(const Lines& a, const Lines& b) {
  std::vector<Line> out;
  if (a.size() > kDiffLines || b.size() > kDiffLines) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()) && out.size() < kDiffLines; ++i) {
      const bool same = i < a.size() && i < b.size() && a[i] == b[i];
      if (i < a.size()) out.push_back({same ? ' ' : '-', a[i]});
      if (!same && i < b.size()) out.push_back({'+', b[i]});
    }
    return out;
  }
  std::vector<std::vector<std::uint16_t>> longest(a.size() + 1,
                                                  std::vector<std::uint16_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      longest[i][j] = a[i] == b[j] ? static_cast<std::uint16_t>(longest[i + 1][j + 1] + 1)
                                   : std::max(longest[i + 1][j], longest[i][j + 1]);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      out.push_back({' ', a[i]});
      ++i, ++j;
    } else if (i < a.size() && (j == b.size() || longest[i + 1][j] >= longest[i][j + 1])) {
      out.push_back({'-', a[i++]});
    } else {
      out.push_back({'+', b[j++]});
    }
  }
  return out;
}

}  // namespace

std::string pretty(const base::Json& value) {
  std::string out;
  write_pretty(value, out, 0);
  return out + "\n";
}

std::string line_diff(std::string_view expected, std::string_view actual) {
  const auto all = compare(lines_of(expected), lines_of(actual));
  std::vector<bool> wanted(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].mark != ' ')
      for (std::size_t k = i < kAround ? 0 : i - kAround; k < std::min(all.size(), i + kAround + 1);
           ++k)
        wanted[k] = true;
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!wanted[i]) {
      if (i > 0 && wanted[i - 1]) out += "…\n";
      continue;
    }
    out += all[i].mark;
    out.append(cut(std::string(all[i].text), 500)).append("\n");
    if (out.size() > 10 * kShownLimit) return out + "…\n";
  }
  return out;
}

void judge_golden(const Answer& answer, const std::string& path, bool update,
                  const std::string& step, std::vector<Mismatch>& out,
                  std::vector<std::string>& updated) {
  const auto actual = pretty(answer.value);
  const auto found = base::read_file(path, kGoldenBytes);
  const bool there = found.has_value();
  if (!there && found.error().code != base::Code::not_found) {
    out.push_back({step, "golden", "a file of at most 4 MiB", found.error().detail});
    return;
  }
  const auto expected = found.value_or("");
  // A file someone wrote by hand may be laid out differently.
  if (const auto parsed = base::parse_json(expected); parsed && *parsed == answer.value) return;
  if (!update) {
    out.push_back({.step = step,
                   .what = "golden",
                   .expected = there ? "as in " + path : path + " (--update writes it)",
                   .actual = there ? "another result" : "there is no such file",
                   .diff = there ? line_diff(expected, actual) : std::string()});
    return;
  }
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (const auto written = base::replace_file(path, actual); !written) {
    out.push_back({step, "golden", "to write " + path, written.error().detail});
    return;
  }
  updated.push_back(path + "\n" + line_diff(expected, actual));
}

}  // namespace telltale::lab::run
