#include "mcp/oauth/challenge.hpp"

#include <algorithm>

namespace telltale::mcp::oauth {
namespace {

constexpr std::size_t kChallengeLimit = 16;
constexpr std::size_t kParameterLimit = 32;

bool is_token_char(char c) {
  return c > ' ' && c < 127 &&
         std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void skip(std::string_view what) {
    while (!at_end() && what.find(peek()) != std::string_view::npos) ++at_;
  }
  std::string lower_token() {
    std::string out;
    for (; !at_end() && is_token_char(peek()); ++at_) {
      const char c = peek();
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
  }
  // token68 of Basic, Negotiate and the like: passed over.
  void skip_token68() {
    while (!at_end() && peek() != ',' && peek() != ' ') ++at_;
  }
  std::optional<std::string> value() {
    if (peek() != '"') {
      // Some servers write a URL or a scope without quotes; up to the comma it can only be meant.
      const auto end = std::min(text_.find_first_of(", \t", at_), text_.size());
      std::string out(text_.substr(at_, end - at_));
      at_ = end;
      return out;
    }
    ++at_;
    std::string out;
    for (; !at_end(); ++at_) {
      if (peek() == '"') {
        ++at_;
        return out;
      }
      if (peek() == '\\') ++at_;
      if (!at_end()) out += peek();
    }
    return std::nullopt;
  }
  std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// Parameters up to the next scheme. False when the field is broken here.
bool read_parameters(Reader& in, Challenge& out) {
  for (;;) {
    in.skip(" \t");
    const bool after_comma = in.peek() == ',';
    in.skip(" \t,");
    if (in.at_end()) return true;
    const auto name_at = in.at();
    auto name = in.lower_token();
    if (name.empty()) return false;
    in.skip(" \t");
    if (!in.take('=') || in.peek() == '=') {
      // No parameter: the next scheme, or a token68 right after our own.
      in.back_to(name_at);
      if (out.parameters.empty() && !after_comma) in.skip_token68();
      return true;
    }
    in.skip(" \t");
    auto value = in.value();
    if (!value || out.parameters.size() == kParameterLimit) return false;
    out.parameters.emplace_back(std::move(name), std::move(*value));
  }
}

}  // namespace

std::string Challenge::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, [](const auto& one) { return one.first; });
  return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view field) {
  std::vector<Challenge> out;
  Reader in(field);
  while (out.size() < kChallengeLimit) {
    in.skip(" \t,");
    Challenge one{.scheme = in.lower_token()};
    if (one.scheme.empty()) break;
    const bool whole = read_parameters(in, one);
    out.push_back(std::move(one));
    if (!whole) break;
  }
  return out;
}

Demand demand_of(const std::vector<std::string>& fields) {
  Demand out;
  const auto take = [](std::string& into, const Challenge& from, std::string_view name) {
    if (into.empty()) into = from.parameter(name);
  };
  for (const auto& field : fields)
    for (const auto& challenge : parse_challenges(field)) {
      const bool ours = challenge.scheme == "bearer" || challenge.scheme == "dpop";
      (ours ? out.present : out.other) = true;
      if (!ours) continue;
      out.dpop = out.dpop || challenge.scheme == "dpop";
      take(out.resource_metadata, challenge, "resource_metadata");
      take(out.scope, challenge, "scope");
      take(out.error, challenge, "error");
    }
  return out;
}

}  // namespace telltale::mcp::oauth
