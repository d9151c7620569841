#include "series/pattern.hpp"

#include <algorithm>

namespace telltale::series {

// Recursive descent that emits states from the back: each piece is built when what follows it is
// known, so nothing has to be patched.
class PatternCompiler {
 public:
  explicit PatternCompiler(std::string_view text) : text_(text) {}

  std::expected<Pattern, PatternError> run() {
    if (text_.size() > Pattern::kLengthMax)
      return std::unexpected(PatternError{Pattern::kLengthMax, "a pattern has 256 bytes at most"});
    const auto whole = alternatives(0);
    if (failed_) return std::unexpected(error_);
    if (at_ < text_.size()) return std::unexpected(PatternError{at_, "no ( before this )"});
    Pattern out;
    out.start_ = emit(whole, 0, out);
    return out;
  }

 private:
  using Set = Pattern::Set;
  struct Node {
    enum class Kind { empty, set, both, either, star, plus, maybe } kind = Kind::empty;
    std::size_t left = 0, right = 0;
    Set set = {};
  };
  static constexpr int kDepthMax = 32;

  std::size_t add(Node node) {
    nodes_.push_back(node);
    return nodes_.size() - 1;
  }
  std::size_t fail(const char* what) {
    if (!failed_) error_ = {at_, what};
    failed_ = true;
    at_ = text_.size();
    return add({});
  }
  bool more() const { return at_ < text_.size(); }

  std::size_t alternatives(int depth) {
    auto out = sequence(depth);
    while (more() && text_[at_] == '|') {
      ++at_;
      const auto right = sequence(depth);
      out = add({.kind = Node::Kind::either, .left = out, .right = right});
    }
    return out;
  }

  std::size_t sequence(int depth) {
    auto out = add({});
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      const auto right = repeated(depth);
      out = add({.kind = Node::Kind::both, .left = out, .right = right});
    }
    return out;
  }

  std::size_t repeated(int depth) {
    auto out = one(depth);
    while (more() && !failed_) {
      const char c = text_[at_];
      if (c != '*' && c != '+' && c != '?') break;
      ++at_;
      out = add({.kind = c == '*'   ? Node::Kind::star
                         : c == '+' ? Node::Kind::plus
                                    : Node::Kind::maybe,
                 .left = out});
    }
    return out;
  }

  std::size_t one(int depth) {
    const char c = text_[at_];
    if (c == '(') {
      if (depth == kDepthMax) return fail("too many ( within each other");
      ++at_;
      const auto inside = alternatives(depth + 1);
      if (failed_) return inside;
      if (!more()) return fail("a ( is not closed");
      ++at_;
      return inside;
    }
    if (c == '*' || c == '+' || c == '?') return fail("nothing before it to repeat");
    if (c == '{' || c == '}' || c == '^' || c == '$')
      return fail("is not taken here; write a backslash before it to mean the character");
    Set set;
    if (c == '.') {
      set.set();
      ++at_;
    } else if (c == '[') {
      if (!bracket(set)) return add({});
    } else if (c == '\\') {
      if (!escape(set)) return add({});
    } else {
      set.set(byte(c));
      ++at_;
    }
    return add({.kind = Node::Kind::set, .set = set});
  }

  static std::size_t byte(char c) { return static_cast<unsigned char>(c); }

  bool escape(Set& set) {
    if (++at_ >= text_.size()) return fail("nothing after the backslash"), false;
    const char c = text_[at_++];
    Set out;
    const auto range = [&](char from, char to) {
      for (auto i = byte(from); i <= byte(to); ++i) out.set(i);
    };
    const char kind = static_cast<char>(c | 32);
    if (kind == 'd' || kind == 'w') range('0', '9');
    if (kind == 'w') {
      range('a', 'z');
      range('A', 'Z');
      out.set(byte('_'));
    }
    if (kind == 's')
      for (const char space : {' ', '\t', '\n', '\r', '\f', '\v'}) out.set(byte(space));
    const bool is_class = kind == 'd' || kind == 'w' || kind == 's';
    if (!is_class && ((kind >= 'a' && kind <= 'z') || (c >= '0' && c <= '9'))) {
      --at_;
      return fail("there are \\d \\w \\s, and \\ before a character that is no letter"), false;
    }
    if (!is_class) out.set(byte(c));
    set |= is_class && c < 'a' ? ~out : out;
    return true;
  }

  bool bracket(Set& set) {
    const auto opened = at_++;
    const bool inverted = more() && text_[at_] == '^';
    if (inverted) ++at_;
    for (bool first = true; more() && (text_[at_] != ']' || first); first = false) {
      const char from = text_[at_];
      if (from == '\\') {
        if (!escape(set)) return false;
        continue;
      }
      ++at_;
      auto to = from;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        to = text_[at_ + 1];
        if (to == '\\' || byte(to) < byte(from)) return fail("is no range"), false;
        at_ += 2;
      }
      for (auto i = byte(from); i <= byte(to); ++i) set.set(i);
    }
    if (!more()) {
      at_ = opened;
      return fail("a [ is not closed"), false;
    }
    ++at_;
    if (inverted) set.flip();
    return true;
  }

  std::size_t put(Pattern& out, Pattern::State state) {
    out.states_.push_back(state);
    return out.states_.size() - 1;
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the pattern is long, 256 at most
  std::size_t emit(std::size_t at, std::size_t next, Pattern& out) {
    using Kind = Pattern::State::Kind;
    const auto node = nodes_[at];
    switch (node.kind) {
      case Node::Kind::empty:
        return next;
      case Node::Kind::set:
        return put(out, {.kind = Kind::set, .next = next, .set = node.set});
      case Node::Kind::both:
        return emit(node.left, emit(node.right, next, out), out);
      case Node::Kind::either: {
        const auto left = emit(node.left, next, out);
        return put(out, {.kind = Kind::split, .next = left, .other = emit(node.right, next, out)});
      }
      case Node::Kind::maybe:
        return put(out, {.kind = Kind::split, .next = emit(node.left, next, out), .other = next});
      case Node::Kind::star:
      case Node::Kind::plus: {
        const auto loop = put(out, {.kind = Kind::split, .next = next, .other = next});
        const auto body = emit(node.left, loop, out);
        out.states_[loop].next = body;
        return node.kind == Node::Kind::star ? loop : body;
      }
    }
    return next;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
  PatternError error_;
  std::vector<Node> nodes_;
};

std::expected<Pattern, PatternError> Pattern::compile(std::string_view text) {
  return PatternCompiler(text).run();
}

void Pattern::enter(std::size_t state, std::vector<std::size_t>& list,
                    std::vector<bool>& seen) const {
  std::vector<std::size_t> waiting{state};
  while (!waiting.empty()) {
    const auto at = waiting.back();
    waiting.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    if (states_[at].kind == State::Kind::split) {
      waiting.push_back(states_[at].other);
      waiting.push_back(states_[at].next);
    } else {
      list.push_back(at);
    }
  }
}

bool Pattern::fits(std::string_view text) const {
  std::vector<std::size_t> now;
  std::vector<bool> seen(states_.size());
  enter(start_, now, seen);
  for (const char c : text) {
    std::vector<std::size_t> then;
    std::fill(seen.begin(), seen.end(), false);
    for (const auto at : now)
      if (states_[at].kind == State::Kind::set && states_[at].set[static_cast<unsigned char>(c)])
        enter(states_[at].next, then, seen);
    now = std::move(then);
    if (now.empty()) return false;
  }
  return std::ranges::any_of(now,
                             [&](std::size_t at) { return states_[at].kind == State::Kind::end; });
}

}  // namespace telltale::series
