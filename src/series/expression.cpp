#include "series/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace telltale::series {
namespace {

struct Named {
  std::string_view name;
  Function function;
  double quantile = 0;
};
constexpr std::array kFunctions{Named{"avg", Function::avg},
                                Named{"sum", Function::sum},
                                Named{"min", Function::min},
                                Named{"max", Function::max},
                                Named{"count", Function::count},
                                Named{"rate", Function::rate},
                                Named{"increase", Function::increase},
                                Named{"last", Function::last},
                                Named{"p50", Function::quantile, 0.5},
                                Named{"p90", Function::quantile, 0.9},
                                Named{"p95", Function::quantile, 0.95},
                                Named{"p99", Function::quantile, 0.99}};
constexpr std::string_view kFunctionNames =
    "avg, sum, min, max, count, rate, increase, last, p50, p90, p95, p99, quantile";

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array kUnits{Unit{"ms", 1},        Unit{"s", 1'000},      Unit{"m", 60'000},
                            Unit{"h", 3'600'000}, Unit{"d", 86'400'000}, Unit{"w", 604'800'000}};
constexpr std::int64_t kDurationMax = 3'660LL * 86'400'000;

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':' || c == '.';
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& pointer) : text_(text), pointer_(pointer) {}

  base::Result<Expression> expression() {
    if (auto fits = check_text(); !fits) return std::unexpected(fits.error());
    Expression out;
    skip();
    const auto begin = at_;
    const auto name = word();
    skip();
    const auto known = function_of(name);
    if (next('(')) {
      if (!known && name != "quantile") {
        at_ = begin;
        return error("there is no function \"" + std::string(name) + "\"; there are " +
                     std::string(kFunctionNames));
      }
      out.function = known ? known->first : Function::quantile;
      out.quantile = known ? known->second : 0;
      if (auto inside = arguments(out, !known); !inside) return std::unexpected(inside.error());
    } else {
      at_ = begin;
      if (auto read = selector(out.selector); !read) return std::unexpected(read.error());
    }
    skip();
    if (at_ < text_.size())
      return error(out.function ? "expected by (…), or the end" : "expected {…}, or the end");
    return out;
  }

  base::Result<std::vector<Matcher>> matchers_alone() {
    if (auto fits = check_text(); !fits) return std::unexpected(fits.error());
    Selector out;
    skip();
    const bool braces = next('{');
    if (auto read = matchers(out, braces ? '}' : '\0'); !read) return std::unexpected(read.error());
    skip();
    if (at_ < text_.size()) return error("expected the end");
    return std::move(out.matchers);
  }

 private:
  std::unexpected<base::Error> error(std::string what) const {
    return base::bad_field(pointer_, "column " + std::to_string(at_ + 1) + ": " + what);
  }
  base::Result<void> check_text() const {
    if (text_.size() > kExpressionMax)
      return base::bad_field(pointer_, "must have at most 2000 bytes");
    if (!base::is_utf8(text_)) return base::bad_field(pointer_, "must be UTF-8");
    return {};
  }
  void skip() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool next(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view word() {
    const auto begin = at_;
    while (at_ < text_.size() && in_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  base::Result<void> arguments(Expression& out, bool wants_number) {
    skip();
    if (wants_number) {
      const auto begin = at_;
      const auto text = word();
      const auto* const end = text.data() + text.size();
      const auto [stop, failed] = std::from_chars(text.data(), end, out.quantile);
      if (failed != std::errc() || stop != end || !(out.quantile >= 0 && out.quantile <= 1)) {
        at_ = begin;
        return error("expected a number from 0 to 1");
      }
      skip();
      if (!next(',')) return error("expected , and a selector");
      skip();
    }
    if (auto read = selector(out.selector); !read) return read;
    skip();
    if (next('[')) {
      skip();
      const auto begin = at_;
      const auto text = word();
      const auto range = parse_duration(text, pointer_);
      if (!range) {
        at_ = begin;
        return error("expected a duration such as 30s, 5m or 1h30m");
      }
      out.range_ms = *range;
      skip();
      if (!next(']')) return error("expected ]");
      skip();
    }
    if (!next(')')) return error(out.range_ms ? "expected )" : "expected {, [ or )");
    skip();
    const auto begin = at_;
    if (at_ == text_.size()) return {};
    if (word() != "by") {
      at_ = begin;
      return error("expected by (…), or the end");
    }
    skip();
    if (!next('(')) return error("expected ( after by");
    return labels(out.by.emplace());
  }

  base::Result<void> labels(std::vector<std::string>& out) {
    skip();
    if (next(')')) return {};
    for (;;) {
      skip();
      const auto begin = at_;
      const auto label = word();
      if (!is_label_name(label)) {
        at_ = begin;
        return error("expected the name of a label");
      }
      if (out.size() >= kMatchersMax) return error("32 labels at most");
      out.emplace_back(label);
      skip();
      if (next(')')) return {};
      if (!next(',')) return error("expected , or )");
    }
  }

  base::Result<void> selector(Selector& out) {
    skip();
    const auto begin = at_;
    const auto name = word();
    if (!name.empty() && !is_metric_name(name)) {
      at_ = begin;
      return error("\"" + std::string(name) +
                   "\" is no name: letters, digits, _ : and dots, not beginning with a digit");
    }
    out.name = name;
    skip();
    if (!next('{')) {
      if (name.empty()) return error("expected the name of a metric, or {");
      return {};
    }
    const auto inside = at_;
    if (auto read = matchers(out, '}'); !read) return read;
    if (out.name.empty() && out.matchers.empty()) {
      at_ = inside;
      return error("expected a matcher such as tool=\"x\"");
    }
    return {};
  }

  // Up to `closing`, which is taken; \0: to the end.
  base::Result<void> matchers(Selector& out, char closing) {
    const auto ends = [&] {
      skip();
      return closing == '\0' ? at_ == text_.size() : next(closing);
    };
    if (ends()) return {};
    for (;;) {
      if (out.matchers.size() >= kMatchersMax) return error("32 matchers at most");
      if (auto read = matcher(out.matchers.emplace_back()); !read) return read;
      if (ends()) return {};
      if (!next(',')) return error(closing == '\0' ? "expected , or the end" : "expected , or }");
      if (ends()) return {};  // a comma before the end is forgiven
    }
  }

  base::Result<void> matcher(Matcher& out) {
    const auto begin = at_;
    const auto label = word();
    if (!is_label_name(label)) {
      at_ = begin;
      return error("expected the name of a label");
    }
    out.label = label;
    skip();
    if (next('=')) {
      out.match = next('~') ? Match::fits : Match::equal;
    } else if (next('!')) {
      if (!next('=') && !next('~')) return error("expected != or !~");
      out.match = text_[at_ - 1] == '~' ? Match::fits_not : Match::differs;
    } else {
      return error("expected =, !=, =~ or !~");
    }
    skip();
    const auto opened = at_;
    if (auto read = string(out.value); !read) return read;
    if (out.match == Match::equal || out.match == Match::differs) return {};
    auto pattern = Pattern::compile(out.value);
    if (!pattern) {
      const auto after = at_;
      at_ = std::min(opened + 1 + pattern.error().at, after);  // as far as nothing is escaped
      return error(std::string("in the pattern: ") + pattern.error().what);
    }
    out.pattern = std::move(*pattern);
    return {};
  }

  base::Result<void> string(std::string& out) {
    const auto begin = at_;
    const char quote = next('"') ? '"' : next('\'') ? '\'' : '\0';
    if (quote == '\0') return error("expected a text in quotes");
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) return {};
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ >= text_.size()) break;
      const char escaped = text_[at_++];
      if (escaped == 'n')
        out += '\n';
      else if (escaped == 't')
        out += '\t';
      else if (escaped == '\\' || escaped == '"' || escaped == '\'')
        out += escaped;
      else  // as a pattern wants it
        out.append({'\\', escaped});
    }
    at_ = begin;
    return error("this text is not closed");
  }

  std::string_view text_;
  const std::string& pointer_;
  std::size_t at_ = 0;
};

}  // namespace

base::Result<Expression> parse_expression(std::string_view text, const std::string& pointer) {
  return Parser(text, pointer).expression();
}

base::Result<std::vector<Matcher>> parse_matchers(std::string_view text,
                                                  const std::string& pointer) {
  return Parser(text, pointer).matchers_alone();
}

std::optional<std::pair<Function, double>> function_of(std::string_view name) {
  const auto found = std::ranges::find(kFunctions, name, &Named::name);
  if (found == kFunctions.end()) return std::nullopt;
  return std::pair(found->function, found->quantile);
}

std::string_view function_names() {
  return kFunctionNames;
}

base::Result<std::int64_t> parse_duration(std::string_view text, const std::string& pointer) {
  const auto bad = [&] {
    return base::bad_field(pointer,
                           "must be a duration such as 30s, 5m or 1h30m, ten years at most");
  };
  std::int64_t out = 0;
  if (text.empty()) return bad();
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || number < 0 || number > kDurationMax) return bad();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto letters = std::min(text.find_first_of("0123456789-"), text.size());
    const auto unit = std::ranges::find(kUnits, text.substr(0, letters), &Unit::name);
    if (unit == kUnits.end() || number > kDurationMax / unit->ms) return bad();
    out += number * unit->ms;
    if (out > kDurationMax) return bad();
    text.remove_prefix(letters);
  }
  if (out <= 0) return bad();
  return out;
}

std::string duration_text(std::int64_t ms) {
  std::string out;
  for (const std::size_t i : {4U, 3U, 2U, 1U, 0U}) {
    const auto& unit = kUnits[i];
    if (ms < unit.ms) continue;
    out += std::to_string(ms / unit.ms);
    out += unit.name;
    ms %= unit.ms;
  }
  return out;
}

std::string text_of(const Expression& expression) {
  auto inner = text_of(expression.selector);
  if (!expression.function) return inner;
  std::string out;
  for (const auto& one : kFunctions)
    if (one.function == *expression.function && one.quantile == expression.quantile) out = one.name;
  out += out.empty() ? fmt::format("quantile({}, ", expression.quantile) : "(";
  out += inner;
  if (expression.range_ms) out += "[" + duration_text(*expression.range_ms) + "]";
  out += ")";
  if (!expression.by) return out;
  out += " by (";
  for (const auto& label : *expression.by) out.append(out.back() == '(' ? "" : ", ").append(label);
  return out + ")";
}

}  // namespace telltale::series
