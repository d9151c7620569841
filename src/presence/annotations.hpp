// Annotations: what people wrote on charts, at a time or over a span of it. Kept in the store; told
// to, and read by, whoever may see the page and every server that the chart names. From any loop.
#pragma once

#include "presence/engine.hpp"
#include "store/annotations.hpp"

namespace telltale::presence {

struct AnnotationWords {
  base::WallTime from, to;
  std::string text;
};

class Annotations {
 public:
  static constexpr std::size_t kTextMax = 1'000;
  static constexpr std::size_t kListMax = 1'000;

  explicit Annotations(Engine& engine) : engine_(engine) {}

  static runtime::TaskResult<base::JsonArray> list(Annotations* self, runtime::Actor actor,
                                                   store::AnnotationQuery query);
  static runtime::TaskResult<base::JsonObject> create(Annotations* self, runtime::Actor actor,
                                                      std::string page, std::string chart,
                                                      AnnotationWords words);
  // Of one's own, or of any for who manages users. None: it is removed, and may be brought back.
  static runtime::TaskResult<base::JsonObject> change(Annotations* self, runtime::Actor actor,
                                                      std::string id,
                                                      std::optional<AnnotationWords> words);
  static runtime::TaskResult<base::JsonObject> restore(Annotations* self, runtime::Actor actor,
                                                       std::string id);

 private:
  bool sees(const runtime::Actor& actor, const std::string& page, const std::string& chart) const;
  base::JsonObject record(const store::Annotation& one, const runtime::Actor& reader) const;
  static runtime::TaskResult<store::Annotation> find(Annotations* self, const runtime::Actor* actor,
                                                     std::string id);
  static runtime::TaskResult<base::JsonObject> keep(Annotations* self, runtime::Actor actor,
                                                    store::Annotation one, const char* event);

  Engine& engine_;
};

}  // namespace telltale::presence
