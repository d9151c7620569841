// From SDP to the settings of agents, sessions and streams: what both sides' roles share. Pure.
#pragma once

#include "rtc/dtls/fingerprint.hpp"
#include "rtc/peer/session.hpp"
#include "rtc/source.hpp"

namespace telltale::rtc {

// The header extensions we take and send.
std::vector<std::string> known_extensions();

sdp::Fingerprint to_sdp(const dtls::Fingerprint& fingerprint);
// Those of a hash we take; empty: none.
std::vector<dtls::Fingerprint> to_dtls(const std::vector<sdp::Fingerprint>& fingerprints);

// Fresh SSRCs, and what we offer to do: send what `source` has, or (null) receive.
sdp::AnswerSettings answer_settings_for(const Source* source, const ice::Credentials& local,
                                        const dtls::Fingerprint& fingerprint);

// DTLS and the media of a plan. `audio` and `video` are the sources its description told.
Session::Settings session_settings(const sdp::Plan& plan, const sdp::LocalSource& audio,
                                   const sdp::LocalSource& video);

std::uint32_t random_ssrc();

}  // namespace telltale::rtc
