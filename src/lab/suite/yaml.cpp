#include "lab/suite/yaml.hpp"

#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/encoding.hpp"

namespace telltale::lab::suite {
namespace {

using base::Json;

Place place_from(const YAML::Mark& mark) {
  return {.line = mark.line + 1, .column = mark.column + 1};
}

// The core schema (YAML 1.2.2 section 10.3.2) of a plain scalar.
Json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  // What JSON takes for a number, with a + or a bare dot allowed.
  const char first = text.front();
  const bool numeric =
      (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
  if (!numeric || text.find_first_not_of("0123456789+-.eE") != std::string::npos) return Json(text);
  try {
    std::size_t used = 0;
    if (text.find_first_of(".eE") == std::string::npos) {
      const auto number = std::stoll(text, &used);
      if (used == text.size()) return Json(number);
    }
    const auto number = std::stod(text, &used);
    if (used == text.size() && std::isfinite(number)) return Json(number);
  } catch (const std::exception&) {
    return Json(text);  // too large, or "-" and ".."
  }
  return Json(text);
}

struct Size {
  std::size_t nodes = 0;
  std::size_t bytes = 0;
};

void add_size(const Json& value, Size& size) {
  ++size.nodes;
  if (const auto* const text = value.if_string()) size.bytes += text->size();
  if (const auto* const list = value.if_array())
    for (const auto& one : *list) add_size(one, size);
  if (const auto* const object = value.if_object())
    for (const auto& one : *object) {
      size.bytes += one.key().size();
      add_size(one.value(), size);
    }
}

}  // namespace

class YamlReader final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    put(mark, anchor, Json(nullptr));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (!base::is_utf8(value)) return refuse(mark, "is no UTF-8");
    if (tag == "?")
      put(mark, anchor, plain_scalar(value));
    else if (tag == "!" || tag.empty() || tag == "tag:yaml.org,2002:str")
      put(mark, anchor, Json(value));
    else
      refuse(mark, "has the tag " + tag + ", and a suite has none");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return refuse(mark, "is an alias of something that holds it");
    nodes_ += found->second.size.nodes;
    unfolded_ += found->second.size.bytes;
    if (nodes_ > kNodesLimit || unfolded_ > kUnfoldedLimit)
      return refuse(mark, fmt::format("unfolds to more than {} values or {} bytes", kNodesLimit,
                                      kUnfoldedLimit));
    put(mark, 0, found->second.value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, anchor, base::JsonArray());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, anchor, base::JsonObject());
  }
  void OnMapEnd() override { close(); }

  Document take() {
    document_.value = std::move(root_);
    return std::move(document_);
  }

 private:
  struct Level {
    Json value;
    YAML::anchor_t anchor;
    std::string pointer;
    std::optional<std::string> key;  // of an object, while its value is awaited
  };
  struct Anchored {
    Json value;
    Size size;
  };
  static Anchored anchored(const Json& value) {
    Anchored out{value, {}};
    add_size(value, out.size);
    return out;
  }

  [[noreturn]] static void refuse(const YAML::Mark& mark, const std::string& message) {
    throw YAML::ParserException(mark, message);
  }
  void count(const YAML::Mark& mark) {
    if (++nodes_ > kNodesLimit) refuse(mark, fmt::format("has more than {} values", kNodesLimit));
  }
  std::string next_pointer() const {
    if (levels_.empty()) return "";
    const auto& top = levels_.back();
    if (const auto* const list = top.value.if_array())
      return top.pointer + "/" + std::to_string(list->size());
    return top.pointer + base::pointer_step(top.key.value_or(""));
  }
  bool wants_key() const {
    return !levels_.empty() && levels_.back().value.is_object() && !levels_.back().key;
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty) {
    count(mark);
    if (levels_.size() >= kYamlDepth)
      refuse(mark, fmt::format("is nested deeper than {} levels", kYamlDepth));
    if (wants_key()) refuse(mark, "must be a text: the name of a member");
    auto pointer = next_pointer();
    document_.values_[pointer] = place_from(mark);
    levels_.push_back(
        {.value = std::move(empty), .anchor = anchor, .pointer = std::move(pointer), .key = {}});
  }
  void close() {
    auto done = std::move(levels_.back());
    levels_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = anchored(done.value);
    add(std::move(done.value));
  }
  void put(const YAML::Mark& mark, YAML::anchor_t anchor, Json value) {
    count(mark);
    if (wants_key()) {
      auto& top = levels_.back();
      std::string name;
      if (const auto* const text = value.if_string())
        name = std::string(*text);
      else if (value.is_number() || value.is_bool())
        name = base::write_json(value);
      else
        refuse(mark, "must be a text: the name of a member");
      if (top.value.get_object().contains(name)) refuse(mark, "\"" + name + "\" stands here twice");
      document_.keys_[top.pointer + base::pointer_step(name)] = place_from(mark);
      top.key = std::move(name);
      return;
    }
    document_.values_[next_pointer()] = place_from(mark);
    if (anchor != 0) anchors_[anchor] = anchored(value);
    add(std::move(value));
  }
  void add(Json value) {
    if (levels_.empty()) {
      root_ = std::move(value);
      return;
    }
    auto& top = levels_.back();
    if (auto* const list = top.value.if_array())
      list->push_back(std::move(value));
    else
      top.value.get_object()[*std::exchange(top.key, std::nullopt)] = std::move(value);
  }

  Document document_;
  Json root_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::size_t unfolded_ = 0;  // bytes that came by aliases
};

namespace {

Place nearest(const std::map<std::string, Place, std::less<>>& places, std::string_view pointer) {
  for (;;) {
    if (const auto found = places.find(pointer); found != places.end()) return found->second;
    const auto slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return {};
    pointer = pointer.substr(0, slash);
  }
}

}  // namespace

Place Document::place_of(std::string_view pointer) const {
  return nearest(values_, pointer);
}

Place Document::key_of(std::string_view pointer) const {
  const auto found = keys_.find(pointer);
  return found == keys_.end() ? place_of(pointer) : found->second;
}

std::expected<Document, Problem> read_yaml(std::string_view text) {
  if (text.size() > kYamlBytes)
    return std::unexpected(Problem{
        .place = {},
        .field = "",
        .message =
            fmt::format("the file has {} bytes, at most {} are taken", text.size(), kYamlBytes)});
  YamlReader reader;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(reader))
      return std::unexpected(
          Problem{.place = {1, 1}, .field = "", .message = "there is nothing in it"});
    if (parser && parser.HandleNextDocument(reader))
      return std::unexpected(Problem{
          .place = {1, 1}, .field = "", .message = "there is more than one document in it (---)"});
  } catch (const YAML::Exception& error) {
    return std::unexpected(
        Problem{.place = place_from(error.mark), .field = "", .message = error.msg});
  }
  return reader.take();
}

}  // namespace telltale::lab::suite
