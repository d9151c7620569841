#include "lab/fuzz/mutate.hpp"

#include <algorithm>
#include <array>

namespace telltale::lab {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Random;

constexpr std::array<std::string_view, 22> kTokens{
    "null",        "1e999",    "-0",           "18446744073709551616", "\"\\ud800\"",
    "\"\\u0000\"", "{}",       "[]",           "{\"a\":1,}",           "NaN",
    "\xff\xfe",    "\xc0\x80", "\xed\xa0\x80", "\xef\xbb\xbf",         "\x01",
    "//",          "'",        "0x10",         "\"__proto__\"",        "\"constructor\"",
    "\\",          "\t"};

std::size_t at(Random& random, std::size_t size) {
  return static_cast<std::size_t>(random.below(size + 1));
}

void change_bytes(std::string& text, Random& random) {
  const auto times = 1 + random.below(4);
  for (std::uint64_t i = 0; i < times && !text.empty(); ++i) {
    const auto from = at(random, text.size() - 1);
    switch (random.below(5)) {
      case 0:
        text[from] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(from, 1 + random.below(16));
        break;
      case 2:
        text.insert(from, text.substr(from, 1 + random.below(64)));
        break;
      case 3:
        text.insert(from, kTokens[random.below(kTokens.size())]);
        break;
      default:
        text.resize(from);
    }
  }
}

Json odd_value(Random& random) {
  switch (random.below(10)) {
    case 0:
      return nullptr;
    case 1:
      return random.chance(0.5);
    case 2:
      return -1;
    case 3:
      return 1.5;
    case 4:
      return 1e300;
    case 5:
      return "";
    case 6:
      return JsonArray{};
    case 7:
      return JsonObject{};
    case 8:
      return JsonArray{JsonArray{JsonObject{{"a", nullptr}}}};
    default:
      return Json(std::string(static_cast<std::size_t>(1) << random.below(16), 'A'));
  }
}

// Changes one value somewhere in it, or adds or takes away a member.
void change_value(Json& value, Random& random, int depth) {
  if (value.is_object() && !value.as_object().empty() && depth < 8 && random.chance(0.8)) {
    auto& object = value.as_object();
    auto member = object.begin() + static_cast<std::ptrdiff_t>(random.below(object.size()));
    switch (random.below(6)) {
      case 0:
        object.erase(member);
        return;
      case 1:
        object[std::string(member->key()) + "x"] = odd_value(random);
        return;
      default:
        return change_value(member->value(), random, depth + 1);
    }
  }
  if (value.is_array() && !value.as_array().empty() && depth < 8 && random.chance(0.8))
    return change_value(value.as_array()[random.below(value.as_array().size())], random, depth + 1);
  value = odd_value(random);
}

std::string nested(Random& random, std::size_t limit) {
  const auto depth = std::min<std::size_t>(limit / 2, 1U << (4 + random.below(12)));
  const bool objects = random.chance(0.5);
  std::string out = R"({"jsonrpc":"2.0","id":1,"method":"ping","params":)";
  for (std::size_t i = 0; i < depth; ++i) out += objects ? R"({"a":)" : "[";
  if (random.chance(0.3)) return out;  // never closed
  out += "1";
  for (std::size_t i = 0; i < depth; ++i) out += objects ? "}" : "]";
  return out + "}";
}

}  // namespace

std::string broken_message(const std::vector<JsonObject>& right, Random& random,
                           std::size_t limit) {
  Json message = right[random.below(right.size())];
  std::string out;
  switch (random.below(8)) {
    case 0:
      out = nested(random, limit);
      break;
    case 1:
      message.as_object()["id"] = odd_value(random);
      out = base::write_json(message);
      break;
    case 2: {
      JsonArray batch;
      for (std::uint64_t i = 0; i < random.below(20); ++i)
        batch.push_back(right[random.below(right.size())]);
      out = base::write_json(Json(batch));
      break;
    }
    case 3:
    case 4:
      for (std::uint64_t i = 0; i <= random.below(3); ++i) change_value(message, random, 0);
      out = base::write_json(message);
      break;
    default:
      out = base::write_json(message);
      change_bytes(out, random);
  }
  if (out.size() > limit) out.resize(limit);
  std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (out.find_first_not_of(" \t") == std::string::npos) out = "{";
  return out;
}

std::vector<std::string> smaller_texts(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t part = 2; part <= 16 && text.size() >= part; part *= 2) {
    const auto size = text.size() / part;
    for (std::size_t from = 0; from + size <= text.size(); from += size) {
      std::string without(text.substr(0, from));
      without += text.substr(from + size);
      if (without.find_first_not_of(" \t") != std::string::npos) out.push_back(std::move(without));
    }
  }
  std::ranges::sort(out, [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return out;
}

}  // namespace telltale::lab
