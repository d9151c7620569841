#include "runtime/trace.hpp"

#include <exception>
#include <utility>

namespace telltale::runtime {

namespace {

constexpr std::size_t kUsual = 8;

// The index of the new one; -1 when there is no room.
int append(Trace::Spans& spans, Trace::Record record) {
  if (spans.records.size() == Trace::kLimit) {
    ++spans.dropped;
    return -1;
  }
  if (spans.records.empty()) spans.records.reserve(kUsual);
  spans.records.push_back(std::move(record));
  return static_cast<int>(spans.records.size()) - 1;
}

}  // namespace

int Trace::open(std::string_view name, std::string detail, int parent) {
  const auto from = clock_.now() - began_;
  return spans_.with([&](Spans& spans) {
    return append(spans,
                  {.name = name, .detail = std::move(detail), .from = from, .parent = parent});
  });
}

void Trace::close(int index, bool ok) {
  const auto to = clock_.now() - began_;
  spans_.with([&](Spans& spans) {
    auto& record = spans.records[static_cast<std::size_t>(index)];
    record.to = to;
    record.open = false;
    record.ok = ok;
  });
}

void Trace::add(std::string_view name, base::SteadyTime from, base::SteadyTime to, int parent) {
  spans_.with([&](Spans& spans) {
    append(spans, {.name = name,
                   .detail = {},
                   .from = from - began_,
                   .to = to - began_,
                   .parent = parent,
                   .open = false});
  });
}

Trace::Spans Trace::spans() const {
  return spans_.with([](const Spans& spans) { return spans; });
}

Span::Span(const TracePlace& place, std::string_view name, std::string detail)
    : trace_(place.trace),
      index_(trace_ ? trace_->open(name, std::move(detail), place.parent) : -1) {}

Span::Span(Span&& other) noexcept
    : trace_(std::move(other.trace_)),
      index_(std::exchange(other.index_, -1)),
      ok_(std::exchange(other.ok_, true)) {}

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  end();
  trace_ = std::move(other.trace_);
  index_ = std::exchange(other.index_, -1);
  ok_ = std::exchange(other.ok_, true);
  return *this;
}

Span::~Span() {
  end(ok_ && std::uncaught_exceptions() == 0);
}

void Span::end() {
  if (trace_ && index_ >= 0) trace_->close(index_, ok_);
  trace_.reset();
  index_ = -1;
}

void Span::end(bool ok) {
  if (!ok) fail();
  end();
}

}  // namespace telltale::runtime
