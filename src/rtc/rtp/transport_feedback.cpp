#include "rtc/rtp/transport_feedback.hpp"

namespace telltale::rtc::rtp {
namespace {

constexpr std::int64_t kTicksPer64Ms = 256;

constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

// The arrivals as steps of 250 us from one to the next, and their symbols, read again and again
// instead of stored: a feedback has no bound on its packets but 16 bits.
class Steps {
 public:
  Steps(std::span<const std::optional<ArrivalTime>> arrivals, std::int64_t reference) noexcept
      : arrivals_(arrivals), last_(reference * kTicksPer64Ms) {}

  // The next step; nullopt for a packet that did not arrive.
  std::optional<std::int64_t> next() noexcept {
    const auto& arrival = arrivals_[at_++];
    if (!arrival) return std::nullopt;
    const auto ticks = floor_divide(arrival->count(), TransportFeedback::kTick.count());
    const auto step = ticks - last_;
    last_ = ticks;
    return step;
  }
  bool done() const noexcept { return at_ == arrivals_.size(); }

 private:
  std::span<const std::optional<ArrivalTime>> arrivals_;
  std::size_t at_ = 0;
  std::int64_t last_;
};

constexpr std::uint32_t symbol_of(std::optional<std::int64_t> step) noexcept {
  if (!step) return 0;
  return *step >= 0 && *step <= 255 ? 1 : 2;
}

// How many of the arrivals a feedback of `room` bytes certainly holds: two bytes of chunk for each
// seven symbols, and the deltas. Stops before a step that 16 bits do not hold, and at a loss.
std::size_t that_fit(std::span<const std::optional<ArrivalTime>> arrivals, std::int64_t reference,
                     std::size_t room) noexcept {
  Steps steps(arrivals, reference);
  std::size_t deltas = 0;
  std::size_t fit = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(arrivals.size(), 0xffff); ++i) {
    const auto step = steps.next();
    if (step && (*step < INT16_MIN || *step > INT16_MAX)) break;
    deltas += symbol_of(step);
    if ((i / 7 + 1) * 2 + deltas > room) break;
    if (step) fit = i + 1;
  }
  return fit;
}

// The symbols ahead, from which one chunk is made.
struct Ahead {
  std::uint32_t symbols[14] = {};
  std::size_t size = 0;
};

void write_chunks(Writer& writer, std::span<const std::optional<ArrivalTime>> arrivals,
                  std::int64_t reference) noexcept {
  Steps run_end(arrivals, reference);
  std::size_t left = arrivals.size();
  while (left > 0) {
    // How far does the first symbol run, and what are the next fourteen?
    auto look = run_end;
    Ahead ahead;
    std::size_t run = 0;
    bool running = true;
    for (std::size_t i = 0; i < left && i < 0x1fff && (running || i < 14); ++i) {
      const auto symbol = symbol_of(look.next());
      if (i < 14) ahead.symbols[ahead.size++] = symbol;
      running = running && symbol == ahead.symbols[0];
      if (running) run = i + 1;
    }
    std::size_t taken = 0;
    bool only_small = true;
    for (std::size_t i = 0; i < ahead.size; ++i) only_small = only_small && ahead.symbols[i] < 2;
    if (run > 14 || run == left || (run >= 7 && !only_small)) {
      writer.u16(std::uint64_t{ahead.symbols[0]} << 13U | run);
      taken = run;
    } else if (only_small) {
      std::uint64_t chunk = 0x8000;
      for (std::size_t i = 0; i < ahead.size; ++i) chunk |= ahead.symbols[i] << (13 - i);
      writer.u16(chunk);
      taken = ahead.size;
    } else {
      std::uint64_t chunk = 0xc000;
      taken = std::min<std::size_t>(ahead.size, 7);
      for (std::size_t i = 0; i < taken; ++i) chunk |= ahead.symbols[i] << (12 - 2 * i);
      writer.u16(chunk);
    }
    for (std::size_t i = 0; i < taken; ++i) run_end.next();
    left -= taken;
  }
}

}  // namespace

std::optional<TransportFeedback> TransportFeedback::parse(std::uint32_t sender_ssrc,
                                                          std::uint32_t media_ssrc,
                                                          Bytes body) noexcept {
  if (body.size() < 8) return std::nullopt;
  TransportFeedback out{.sender_ssrc = sender_ssrc,
                        .media_ssrc = media_ssrc,
                        .base_sequence = load_u16(body, 0),
                        .count = load_u16(body, 2),
                        .feedback_number = body[7]};
  const auto reference = static_cast<std::int32_t>(load_be<3>(body, 4));
  out.reference_64ms = reference >= 0x80'0000 ? reference - 0x100'0000 : reference;
  Reader reader(body.subspan(8));
  std::size_t deltas = 0;
  for (std::uint32_t done = 0; done < out.count;) {
    const auto chunk = reader.u16();
    const auto symbols = std::min(symbols_of(chunk), out.count - done);
    if (reader.failed() || symbols == 0) return std::nullopt;
    for (std::uint32_t i = 0; i < symbols; ++i) {
      const auto symbol = symbol_of(chunk, i);
      if (symbol == 3) return std::nullopt;
      deltas += symbol;
    }
    done += symbols;
  }
  out.chunks = body.subspan(8, reader.position());
  if (reader.left() < deltas) return std::nullopt;
  out.deltas = reader.bytes(deltas);
  return out;
}

std::size_t write_transport_feedback(
    Writer& writer, std::uint16_t base_sequence, std::uint8_t feedback_number,
    std::span<const std::optional<ArrivalTime>> arrivals) noexcept {
  // Multiples of four bytes: up to three more of padding.
  if (arrivals.empty() || !arrivals[0] || writer.left() < 8 + 3) return 0;
  const auto reference = floor_divide(arrivals[0]->count(), 64'000);
  const auto count = that_fit(arrivals, reference, writer.left() - 8 - 3);
  if (count == 0) return 0;
  const auto taken = arrivals.first(count);
  const auto begin = writer.position();
  writer.u16(base_sequence);
  writer.u16(count);
  writer.u24(static_cast<std::uint64_t>(reference) & 0xff'ffffU);
  writer.u8(feedback_number);
  write_chunks(writer, taken, reference);
  for (Steps steps(taken, reference); !steps.done();) {
    const auto step = steps.next();
    if (symbol_of(step) == 1) writer.u8(static_cast<std::uint64_t>(*step));
    if (symbol_of(step) == 2) writer.u16(static_cast<std::uint64_t>(*step) & 0xffffU);
  }
  writer.zeros((4 - (writer.position() - begin) % 4) % 4);
  return count;
}

}  // namespace telltale::rtc::rtp
