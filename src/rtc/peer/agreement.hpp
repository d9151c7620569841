// What the two sides of a serving connection agree on: our answer to an offer, or an offer of ours
// and the answer to it. Text in, text and a plan out. Part of a Peer, on its loop; no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "rtc/codec.hpp"
#include "rtc/connection_record.hpp"
#include "rtc/sdp/answer.hpp"

namespace telltale::rtc {

class Agreement {
 public:
  struct Terms {
    sdp::Plan plan;
    sdp::LocalSource audio;  // what was told of ours
    sdp::LocalSource video;
  };

  explicit Agreement(ConnectionRole role) : role_(role) {}

  // Errors as of sdp::answer; invalid_argument too when there is nothing for this role.
  base::Result<Terms> answer(std::string_view offer, const sdp::AnswerSettings& ours);
  // A viewer's, with an offer of ours. unsupported: there is nothing to send.
  base::Result<void> offer(const sdp::AnswerSettings& ours);
  // What the answer to our offer comes to; the offer goes on waiting until settle(). conflict:
  // there is none that waits; invalid_argument: it does not follow from the offer.
  base::Result<Terms> read_answer(std::string_view answer);
  void settle() { offered_.reset(); }
  void forget() { agree_on({}); }  // what read_answer() came to

  bool awaits_answer() const noexcept { return offered_.has_value(); }
  const std::string& sdp() const noexcept { return sdp_; }  // ours: the answer or the offer
  const std::vector<std::string>& mids() const noexcept { return mids_; }
  std::optional<Codec> video() const noexcept { return video_; }
  bool audio() const noexcept { return audio_; }
  bool data() const noexcept { return data_; }

 private:
  struct Offered {
    sdp::Description description;
    sdp::LocalSource audio;
    sdp::LocalSource video;
  };

  void agree_on(const sdp::Plan& plan);
  base::Result<void> look_at_plan(const sdp::Plan& plan);
  void say(const sdp::Description& description);

  ConnectionRole role_;
  std::string sdp_;
  std::vector<std::string> mids_;
  bool we_offered_ = false;
  std::optional<Offered> offered_;  // not answered so far
  std::optional<Codec> video_;
  bool audio_ = false;
  bool data_ = false;
};

}  // namespace telltale::rtc
