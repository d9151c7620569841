#include "media/file_input.hpp"

#include <algorithm>
#include <utility>

namespace telltale::media {

namespace {

AvPacket copy_of(const AVPacket& packet) {
  return AvPacket(av_packet_clone(&packet));
}

}  // namespace

base::Result<std::unique_ptr<Input>> FileInput::open(std::shared_ptr<ByteSource> source,
                                                     CancelFlag cancelled,
                                                     const base::Clock& clock) {
  auto demuxer = Demuxer::open(source, std::move(cancelled), clock);
  if (!demuxer) return std::unexpected(demuxer.error());
  std::unique_ptr<FileInput> input(new FileInput(std::move(*demuxer)));
  if (auto looked = input->look(); !looked) return std::unexpected(looked.error());
  source->plays_at(input->demuxer_->bytes_a_second());
  return input;
}

base::Result<AvPacket> FileInput::next() {
  if (!ahead_.empty()) {
    auto packet = std::move(ahead_.front());
    ahead_.pop_front();
    return packet;
  }
  auto packet = new_packet();
  if (!packet) return base::fail(base::Code::unavailable, "no memory for a packet");
  const auto more = demuxer_->read(packet.get());
  if (!more) return std::unexpected(more.error());
  if (!*more) return AvPacket();
  return packet;
}

base::Result<bool> FileInput::read(Wanted wanted, std::vector<Unit>& out) {
  auto packet = next();
  if (!packet) return std::unexpected(packet.error());
  if (!*packet) {
    if (auto drained = drain(out); !drained) return std::unexpected(drained.error());
    return false;
  }
  ++statistics_.packets_read;
  base::Result<void> taken;
  if (demuxer_->video() != nullptr && (*packet)->stream_index == demuxer_->video()->index)
    taken = take_video(**packet, wanted.pictures, out);
  else if (demuxer_->sound() != nullptr && (*packet)->stream_index == demuxer_->sound()->index)
    taken = take_sound(**packet, wanted.sound, out);
  if (!taken) return std::unexpected(taken.error());
  return true;
}

// Where a packet carries no time, it follows the one before.
base::Duration FileInput::time_of(const AVPacket& packet) {
  const bool video =
      demuxer_->video() != nullptr && packet.stream_index == demuxer_->video()->index;
  const auto* const stream = video ? demuxer_->video() : demuxer_->sound();
  auto at = demuxer_->time_of(stream, packet.pts);
  if (!at) at = demuxer_->time_of(stream, packet.dts);
  if (!at) return last_packet_;
  return *at;
}

base::Result<void> FileInput::take_video(const AVPacket& packet, bool wanted,
                                         std::vector<Unit>& out) {
  const bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  const bool timed = packet.pts != kNoPts || packet.dts != kNoPts;
  const auto step = base::Duration(static_cast<std::int64_t>(1e9 / info_.frame_rate));
  const auto at = timed ? time_of(packet) : last_packet_ + step;
  last_packet_ = at;
  awaits_key_ = awaits_key_ && !key;
  keep_group(packet);
  if (info_.pass_video && !awaits_key_) pass_video(packet, at, out);
  if (!wanted) {
    if (pictures_) closed_errors_ += pictures_->errors();
    pictures_.reset();
    return {};
  }
  if (pictures_) {
    decode_pictures(&packet, out);
  } else {
    auto opened = PictureDecoder::open(demuxer_->video());
    if (!opened) return std::unexpected(opened.error());
    pictures_.emplace(std::move(*opened));
    // From the key frame on, though what has been is not shown.
    if (group_.size() > 1) show_from_ = std::max(show_from_, at - step);
    for (const auto& earlier : group_) decode_pictures(earlier.get(), out);
    if (group_.empty()) decode_pictures(&packet, out);
  }
  if (pictures_->errors_in_a_row() > kErrorsInARow)
    return base::fail(base::Code::invalid_argument, "its video is damaged: nothing of it decodes");
  return {};
}

void FileInput::keep_group(const AVPacket& packet) {
  if ((packet.flags & AV_PKT_FLAG_KEY) != 0) {
    group_.clear();
    group_bytes_ = 0;
  } else if (group_.empty()) {
    return;
  }
  group_bytes_ += static_cast<std::size_t>(packet.size);
  if (auto copy = copy_of(packet)) group_.push_back(std::move(copy));
  if (group_.size() > kGroupPackets || group_bytes_ > kGroupBytes) group_.clear();
}

void FileInput::decode_pictures(const AVPacket* packet, std::vector<Unit>& out) {
  std::vector<SharedAvFrame> frames;
  pictures_->decode(packet, frames);
  for (auto& frame : frames) {
    ++statistics_.pictures_decoded;
    const auto step = base::Duration(static_cast<std::int64_t>(1e9 / info_.frame_rate));
    const auto at = demuxer_->time_of(demuxer_->video(), frame->best_effort_timestamp)
                        .value_or(last_picture_ + step);
    last_picture_ = at;
    if (at < show_from_) continue;
    out.emplace_back(PictureUnit{
        .at = at,
        .picture = {
            .frame = std::move(frame), .quarter_turns = quarter_turns_, .mirrored = mirrored_}});
  }
}

void FileInput::pass_video(const AVPacket& packet, base::Duration at, std::vector<Unit>& out) {
  PacketUnit unit{.at = at,
                  .bytes = {},
                  .codec = info_.pass_video->codecs.front(),
                  .key = false,
                  .size = {info_.pass_video->width, info_.pass_video->height}};
  if (unit.codec == Codec::vp8) {
    if (packet.size <= 0) return;
    unit.bytes.assign(packet.data, packet.data + packet.size);
    unit.key = (unit.bytes[0] & 1U) == 0;  // RFC 6386, 9.1
    out.emplace_back(std::move(unit));
    return;
  }
  auto in = copy_of(packet);
  if (!in || av_bsf_send_packet(filter_.get(), in.get()) < 0) {
    ++statistics_.decode_errors;
    return;
  }
  auto filtered = new_packet();
  while (filtered && av_bsf_receive_packet(filter_.get(), filtered.get()) == 0) {
    auto frame = sets_.complete({filtered->data, static_cast<std::size_t>(filtered->size)});
    unit.bytes = std::move(frame.bytes);
    unit.key = frame.idr;
    if (!unit.bytes.empty()) out.emplace_back(unit);
    av_packet_unref(filtered.get());
  }
}

base::Result<void> FileInput::take_sound(const AVPacket& packet, bool wanted,
                                         std::vector<Unit>& out) {
  if (info_.pass_audio) {
    const auto at = demuxer_->time_of(demuxer_->sound(), packet.pts).value_or(next_sound_);
    next_sound_ = at + std::chrono::milliseconds(20);
    if (packet.size > 0 && at >= base::Duration::zero())
      out.emplace_back(PacketUnit{.at = at,
                                  .bytes = {packet.data, packet.data + packet.size},
                                  .codec = Codec::opus,
                                  .key = true,
                                  .size = {}});
    return {};
  }
  if (!wanted || !info_.audio) {
    if (sound_) closed_errors_ += sound_->errors();
    sound_.reset();
    return {};
  }
  if (!sound_) {
    auto opened = SoundDecoder::open(demuxer_->sound());
    if (!opened) return std::unexpected(opened.error());
    sound_.emplace(std::move(*opened));
  }
  decode_sound(&packet, out);
  if (sound_->errors_in_a_row() > kErrorsInARow && demuxer_->video() == nullptr)
    return base::fail(base::Code::invalid_argument, "its sound is damaged: nothing of it decodes");
  return {};
}

void FileInput::decode_sound(const AVPacket* packet, std::vector<Unit>& out) {
  std::vector<DecodedSound> decoded;
  sound_->decode(packet, decoded);
  for (auto& one : decoded) {
    const auto at = demuxer_->time_of(demuxer_->sound(), one.pts).value_or(next_sound_);
    const auto samples = static_cast<std::int64_t>(one.samples.size() / 2);
    next_sound_ = at + base::Duration(samples * 1'000'000'000 / kAudioRate);
    out.emplace_back(SoundUnit{.at = at, .samples = std::move(one.samples)});
  }
}

base::Result<void> FileInput::drain(std::vector<Unit>& out) {
  if (pictures_) decode_pictures(nullptr, out);
  if (sound_) decode_sound(nullptr, out);
  return {};
}

base::Result<base::Duration> FileInput::seek(base::Duration to) {
  if (auto sought = demuxer_->seek(to); !sought) return std::unexpected(sought.error());
  ahead_.clear();
  group_.clear();
  group_bytes_ = 0;
  if (pictures_) pictures_->flush();
  if (sound_) sound_->flush();
  if (filter_) av_bsf_flush(filter_.get());
  awaits_key_ = true;
  show_from_ = base::Duration::min();
  last_packet_ = last_picture_ = next_sound_ = to;
  const auto* const video = demuxer_->video();
  if (video == nullptr) return to;
  // Where we are is what the first packet of video says.
  std::size_t bytes = 0;
  while (ahead_.size() < kProbePackets * 4 && bytes < kProbeBytes) {
    auto packet = new_packet();
    if (!packet) return base::fail(base::Code::unavailable, "no memory for a packet");
    const auto more = demuxer_->read(packet.get());
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const bool found = packet->stream_index == video->index;
    const auto at = found ? demuxer_->time_of(video, packet->pts) : std::nullopt;
    bytes += static_cast<std::size_t>(packet->size);
    ahead_.push_back(std::move(packet));
    if (found) return at.value_or(to);
  }
  return to;
}

void FileInput::hurry(bool on) {
  if (on == std::exchange(hurried_, on) || !pictures_) return;
  pictures_->hurry(on);
}

InputStatistics FileInput::statistics() const {
  auto out = statistics_;
  out.decode_errors +=
      closed_errors_ + (pictures_ ? pictures_->errors() : 0) + (sound_ ? sound_->errors() : 0);
  return out;
}

}  // namespace telltale::media
