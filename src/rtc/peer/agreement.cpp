#include "rtc/peer/agreement.hpp"

#include "rtc/sdp/description.hpp"
#include "rtc/sdp/offer.hpp"

namespace telltale::rtc {

base::Result<Agreement::Terms> Agreement::answer(std::string_view offer,
                                                 const sdp::AnswerSettings& ours) {
  auto description = sdp::Description::parse(offer);
  if (!description) return std::unexpected(description.error());
  // One encoding a line: whoever could send several sends the one we ask for.
  for (auto& media : description->media) {
    media.simulcast_send.clear();
    media.rids.clear();
  }
  auto made = sdp::answer(*description, ours);
  if (!made) return std::unexpected(made.error());
  say(made->description);
  if (auto usable = look_at_plan(made->plan); !usable) return std::unexpected(usable.error());
  return Terms{.plan = std::move(made->plan), .audio = ours.audio, .video = ours.video};
}

base::Result<void> Agreement::offer(const sdp::AnswerSettings& ours) {
  sdp::OfferSettings offer{.ice = ours.ice,
                           .fingerprint = ours.fingerprint,
                           .ice_lite = true,
                           .candidates = ours.candidates,
                           .session_id = ours.session_id,
                           .extensions = ours.extensions,
                           .data = ours.data,
                           .sctp_port = ours.sctp_port,
                           .max_message_size = ours.max_message_size,
                           .cname = ours.cname};
  if (!ours.video_codecs.empty())
    offer.media.push_back({.kind = sdp::Kind::video,
                           .direction = sdp::Direction::send_only,
                           .codecs = ours.video_codecs,
                           .source = ours.video});
  if (!ours.audio_codecs.empty())
    offer.media.push_back({.kind = sdp::Kind::audio,
                           .direction = sdp::Direction::send_only,
                           .codecs = ours.audio_codecs,
                           .source = ours.audio});
  if (offer.media.empty())
    return base::fail(base::Code::unsupported, "the source has neither video nor audio to offer");
  we_offered_ = true;
  offered_ = Offered{.description = sdp::offer(offer), .audio = ours.audio, .video = ours.video};
  say(offered_->description);
  return {};
}

base::Result<Agreement::Terms> Agreement::read_answer(std::string_view answer) {
  if (!offered_)
    return base::fail(base::Code::conflict,
                      we_offered_ ? "the offer of this connection was answered already"
                                  : "this connection was offered by its client: there is "
                                    "nothing to answer");
  auto description = sdp::Description::parse(answer);
  if (!description) return std::unexpected(description.error());
  auto plan = sdp::read_answer(offered_->description, *description);
  if (!plan) return std::unexpected(plan.error());
  if (auto usable = look_at_plan(*plan); !usable) {
    forget();
    return std::unexpected(usable.error());
  }
  return Terms{.plan = std::move(*plan), .audio = offered_->audio, .video = offered_->video};
}

void Agreement::say(const sdp::Description& description) {
  sdp_ = description.text();
  for (const auto& media : description.media) mids_.push_back(media.mid);
}

void Agreement::agree_on(const sdp::Plan& plan) {
  data_ = plan.data;
  audio_ = false;
  video_.reset();
  for (const auto& stream : plan.streams) {
    if (!stream.we_send && !stream.we_receive) continue;
    if (stream.kind == sdp::Kind::audio)
      audio_ = true;
    else
      video_ = codec_of(stream.codec);
  }
}

base::Result<void> Agreement::look_at_plan(const sdp::Plan& plan) {
  agree_on(plan);
  if (video_ || audio_) return {};
  if (role_ == ConnectionRole::publisher)
    return base::fail(base::Code::invalid_argument, "the offer sends neither video nor audio");
  if (data_) return {};
  return base::fail(base::Code::invalid_argument, "the peer takes neither video nor audio");
}

}  // namespace telltale::rtc
