// Trace: what an operation did and when, as spans that whoever does a part of it opens and ends.
// Spans nest; those of one level may overlap. Names are literals, after the OpenTelemetry
// conventions for MCP where they have one. Any thread; a span costs two looks at the clock and two
// short locks, and nothing where there is no trace.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"

namespace telltale::runtime {

class Trace;

// Where in a trace: the parent of what is opened here. Empty: nothing is recorded.
struct TracePlace {
  std::shared_ptr<Trace> trace = {};
  int parent = -1;  // a span's index; -1 is the operation itself
};

// A span that is open until it is destroyed; what an exception ends (a cancellation, too) has
// failed. Once moved from, it does nothing.
class Span {
 public:
  Span() = default;
  Span(const TracePlace& place, std::string_view name, std::string detail = {});
  Span(Span&& other) noexcept;
  Span& operator=(Span&& other) noexcept;
  ~Span();

  void end();
  void fail() noexcept { ok_ = false; }
  // A failure unless `ok`, and over.
  void end(bool ok);
  TracePlace inside() const { return {trace_, index_}; }

 private:
  std::shared_ptr<Trace> trace_;
  int index_ = -1;
  bool ok_ = true;
};

class Trace {
 public:
  struct Record {
    std::string_view name;
    std::string detail;
    base::Duration from{};  // since the operation began; what came before it is negative
    base::Duration to{};    // meaningless while it is open
    int parent = -1;
    bool open = true;
    bool ok = true;
  };
  static constexpr std::size_t kLimit = 256;  // spans of one operation; beyond, they are counted

  struct Spans {
    std::vector<Record> records;  // as they were opened: a parent is before its children
    std::size_t dropped = 0;
  };

  Trace(const base::Clock& clock, base::SteadyTime began) : clock_(clock), began_(began) {}

  // What is over already.
  void add(std::string_view name, base::SteadyTime from, base::SteadyTime to, int parent = -1);
  Spans spans() const;

 private:
  friend class Span;
  int open(std::string_view name, std::string detail, int parent);  // -1: over the limit
  void close(int index, bool ok);

  const base::Clock& clock_;
  const base::SteadyTime began_;
  base::Guarded<Spans> spans_;
};

}  // namespace telltale::runtime
