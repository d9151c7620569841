// How much may be on its way (RFC 9260 section 7.2): slow start, congestion avoidance, and what a
// fast retransmission, a timeout and a pause do to the window. Bytes of user data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

namespace telltale::rtc::sctp {

class CongestionWindow {
 public:
  // `chunk`: the most user data one packet carries (PMDCS).
  explicit CongestionWindow(std::size_t chunk) noexcept
      : chunk_(chunk), window_(std::min(4 * chunk, std::max<std::size_t>(2 * chunk, 4404))) {}

  // Section 7.2.1, 7.2.2. `used`: the window was as good as full before the SACK came.
  void on_acknowledged(std::size_t bytes, std::size_t flight, bool used) noexcept {
    if (window_ <= threshold_) {
      if (used) window_ += std::min(bytes, chunk_);
      return;
    }
    partly_ += bytes;
    if (partly_ >= window_ && used) {
      partly_ -= window_;
      window_ += chunk_;
    }
    if (flight == 0) partly_ = 0;
  }
  // Section 7.2.3.
  void on_fast_retransmit() noexcept {
    threshold_ = std::max(window_ / 2, 4 * chunk_);
    window_ = threshold_;
    partly_ = 0;
  }
  void on_timeout() noexcept {
    threshold_ = std::max(window_ / 2, 4 * chunk_);
    window_ = chunk_;
    partly_ = 0;
  }
  // Once for each timeout without anything sent.
  void on_idle() noexcept { window_ = std::max(window_ / 2, std::min(window_, 4 * chunk_)); }

  std::size_t bytes() const noexcept { return window_; }
  std::size_t threshold() const noexcept { return threshold_; }

 private:
  std::size_t chunk_;
  std::size_t window_;
  std::size_t threshold_ = std::numeric_limits<std::size_t>::max();
  std::size_t partly_ = 0;  // partial_bytes_acked
};

}  // namespace telltale::rtc::sctp
