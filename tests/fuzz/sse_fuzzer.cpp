// Server-sent events: however the stream is cut, the same events come out.
#include "fuzz.hpp"
#include "net/sse.hpp"

using namespace telltale;

namespace {

constexpr std::size_t kLimit = 4096;

struct Outcome {
  std::vector<net::SseEvent> events;
  bool refused = false;
};

void take(Outcome& into, base::Result<std::vector<net::SseEvent>> got) {
  if (!got) {
    into.refused = true;
    return;
  }
  for (auto& event : *got) {
    fuzz::require(event.data.size() <= 2 * kLimit, "an event is bounded");
    into.events.push_back(std::move(event));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  net::SseParser whole(kLimit), cut(kLimit);
  Outcome one, two;
  take(one, whole.feed(text));
  fuzz::in_pieces(text, [&](std::string_view piece) {
    take(two, cut.feed(piece));
    return !two.refused;
  });
  if (one.refused || two.refused) return 0;  // where the limit is met depends on the pieces
  fuzz::require(one.events.size() == two.events.size(), "as many events in pieces");
  for (std::size_t i = 0; i < one.events.size(); ++i)
    fuzz::require(one.events[i].data == two.events[i].data &&
                      one.events[i].event == two.events[i].event &&
                      one.events[i].id == two.events[i].id,
                  "the same events in pieces");
  fuzz::require(whole.last_event_id() == cut.last_event_id(), "the same last id");
  fuzz::require(whole.retry() == cut.retry(), "the same retry");
  return 0;
}
