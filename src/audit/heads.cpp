#include "audit/heads.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "base/encoding.hpp"

namespace telltale::audit {

base::Result<Head> sign_head(const Signer& signer, std::string kind, Tip tip, base::WallTime time) {
  Head out{.kind = std::move(kind), .tip = std::move(tip), .time = time};
  auto signature = signer.sign("telltale-audit-" + out.kind + "-1\n" + std::to_string(out.tip.seq) +
                               "\n" + out.tip.hash + "\n" + base::format_rfc3339(out.time) + "\n");
  if (!signature) return std::unexpected(signature.error());
  out.signature = base::base64_encode(*signature);
  return out;
}

base::Result<void> append_to_file(const std::string& path, const Head& head) {
  // A line of its own even after a torn one: a half line that a crash left is not continued.
  const auto line = "\n" +
                    base::write_json(base::JsonObject{{"kind", head.kind},
                                                      {"seq", head.tip.seq},
                                                      {"hash", head.tip.hash},
                                                      {"time", base::format_rfc3339(head.time)},
                                                      {"signature", head.signature}}) +
                    "\n";
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return base::fail(base::Code::storage, path + ": " + std::strerror(errno));  // NOLINT
  const bool written =
      ::write(fd, line.data(), line.size()) == std::ssize(line) && ::fdatasync(fd) == 0;
  const int number = errno;
  ::close(fd);
  if (!written)
    return base::fail(base::Code::storage,
                      path + ": " + std::strerror(number));  // NOLINT(concurrency-mt-unsafe)
  return {};
}

base::Result<void> insert(store::Connection& db, const Head& head) {
  return db.execute("INSERT OR IGNORE INTO audit_heads VALUES(?,?,?,?)",
                    {head.tip.seq, head.tip.hash, base::unix_ms(head.time), head.signature});
}

base::Result<std::int64_t> last_head(store::Connection& db) {
  std::int64_t out = -1;
  auto read = db.query("SELECT coalesce(max(seq), -1) FROM audit_heads", {},
                       [&](const store::Row& row) { out = row.integer(0); });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace telltale::audit
