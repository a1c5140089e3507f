// SPDX-License-Identifier: MIT
//
// The board in simulation: what stands at its pins. Two PHYs at 1 Gb/s, and a serial line that ends in a pseudo terminal.
//
// It prints `serial <path>` first. Each line on standard input is a frame for a port's receiver, in hexadecimal, without
// preamble and check sequence: `host <octets>` or `link <octets>`; with `!` behind the name its check sequence is made wrong.
// Each frame that a port sends is such a line on standard output; with `!` where preamble, gap or check sequence are wrong.
// Time stands while nothing is to be done. The end of standard input ends it.

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Vversa.h"
#include "verilated.h"

namespace {

using Octets = std::vector<uint8_t>;

// Octets between two frames.
constexpr unsigned GAP = 12;
// Nanosecond in which the reset button is let go; the pins mean nothing before.
constexpr uint64_t START = 100;
// Nanoseconds without anything on any line after which time stands: more than the machine has to answer a command.
constexpr uint64_t QUIET = 1'000'000;

uint32_t check_sequence(const uint8_t* octets, size_t length) {
    uint32_t crc = ~0u;
    for (size_t i = 0; i < length; i++) {
        crc ^= octets[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

// A PHY's receiver, from the wire to the pins: it delays its clock by 2 ns against the data.
class Receiver {
public:
    Receiver(uint8_t& clock, uint8_t& ctl, uint8_t& data) : clock_(clock), ctl_(ctl), data_(data) {}

    bool busy() const { return !line_.empty(); }

    void send(const Octets& frame, bool wrong) {
        uint32_t fcs = check_sequence(frame.data(), frame.size()) ^ (wrong ? 1 : 0);
        for (int i = 0; i < 7; i++) line_.push_back(0x55);
        line_.push_back(0xd5);
        for (uint8_t octet : frame) line_.push_back(octet);
        for (int i = 0; i < 4; i++) line_.push_back(fcs >> 8 * i & 0xff);
        for (unsigned i = 0; i < GAP; i++) line_.push_back(-1);
    }

    // Whether a pin changes at this nanosecond.
    bool at(uint64_t now) {
        switch (now % 8) {
        case 0: {
            octet_ = -1;
            if (!line_.empty()) {
                octet_ = line_.front();
                line_.pop_front();
            }
            ctl_ = octet_ >= 0;
            data_ = octet_ & 15;
            return true;
        }
        case 2: clock_ = 1; return true;
        case 4: data_ = octet_ >> 4 & 15; return true;
        case 6: clock_ = 0; return true;
        default: return false;
        }
    }

private:
    uint8_t &clock_, &ctl_, &data_;
    std::deque<int> line_;  // -1: idle
    int octet_ = -1;
};

// A PHY's sender, from the pins to the wire: it samples 2 ns behind an edge of the clock.
class Sender {
public:
    Sender(const char* name, uint8_t& clock, uint8_t& ctl, uint8_t& data) : name_(name), clock_(clock), ctl_(ctl), data_(data) {}

    bool busy() const { return gap_ < GAP; }

    void at(uint64_t now) {
        if (clock_ != clock_before_) {
            clock_before_ = clock_;
            sample_ = now + 2;
        }
        if (now != sample_) return;
        if (clock_) {
            low_ = data_;
            valid_ = ctl_;
        } else if (valid_) {
            frame_.push_back(uint8_t(low_ | data_ << 4));
            // The control line says at the falling edge whether the octet is in error.
            wrong_ |= !ctl_;
        } else if (!frame_.empty()) {
            end();
        } else if (gap_ < GAP) {
            gap_++;
        }
    }

private:
    void end() {
        static const uint8_t start[] = {0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5};
        wrong_ |= gap_ < GAP || frame_.size() < sizeof start + 64 || !std::equal(start, start + 8, frame_.begin());
        size_t first = wrong_ ? 0 : 8, last = frame_.size();
        if (!wrong_) {
            last -= 4;
            uint32_t fcs = check_sequence(&frame_[first], last - first);
            for (int i = 0; i < 4; i++) wrong_ |= frame_[last + i] != (fcs >> 8 * i & 0xff);
        }
        printf("%s%s ", name_, wrong_ ? "!" : "");
        for (size_t i = first; i < last; i++) printf("%02x", frame_[i]);
        putchar('\n');
        fflush(stdout);
        frame_.clear();
        wrong_ = false;
        gap_ = 1;
    }

    const char* name_;
    uint8_t &clock_, &ctl_, &data_;
    uint8_t clock_before_ = 0, low_ = 0;
    uint64_t sample_ = 0;
    bool valid_ = false, wrong_ = false;
    unsigned gap_ = GAP;
    Octets frame_;
};

// The serial line, both ways, and the pseudo terminal at its end.
class Serial {
public:
    Serial(uint8_t& to_board, uint8_t& from_board) : in_(to_board), out_(from_board) {
        in_ = 1;
        master_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (master_ < 0 || grantpt(master_) || unlockpt(master_)) {
            perror("pseudo terminal");
            exit(1);
        }
        // Held open, so that the settings stay when whoever uses it goes.
        int slave = open(ptsname(master_), O_RDWR | O_NOCTTY);
        termios raw;
        tcgetattr(slave, &raw);
        cfmakeraw(&raw);
        tcsetattr(slave, TCSANOW, &raw);
        printf("serial %s\n", ptsname(master_));
        fflush(stdout);
    }

    int file() const { return master_; }
    bool busy() const { return in_bits_ || !to_board_.empty() || out_bits_; }

    void poll() {
        uint8_t octets[256];
        ssize_t length = read(master_, octets, sizeof octets);
        for (ssize_t i = 0; i < length; i++) to_board_.push_back(octets[i]);
    }

    // Whether a pin changes at this nanosecond.
    bool at(uint64_t now) {
        if (now > START) sample(now);
        if (now < in_next_) return false;
        if (!in_bits_) {
            if (to_board_.empty()) return false;
            // Start, eight bits, stop.
            in_shift_ = to_board_.front() << 1 | 0x200;
            to_board_.pop_front();
            in_bits_ = 10;
        }
        in_ = in_shift_ & 1;
        in_shift_ >>= 1;
        in_bits_--;
        in_next_ = now + BIT_NANOSECONDS;
        return true;
    }

private:
    void sample(uint64_t now) {
        if (!out_bits_) {
            if (out_) return;
            out_bits_ = 10;
            out_next_ = now + BIT_NANOSECONDS / 2;
        }
        if (now < out_next_) return;
        out_next_ = now + BIT_NANOSECONDS;
        out_shift_ = out_shift_ >> 1 | (out_ ? 0x200 : 0);
        if (--out_bits_) return;
        uint8_t octet = out_shift_ >> 1;
        if (!(out_shift_ & 0x200)) fprintf(stderr, "the board sends an octet without a stop bit\n");
        if (write(master_, &octet, 1) != 1) fprintf(stderr, "the pseudo terminal is full\n");
    }

    uint8_t &in_, &out_;
    int master_;
    std::deque<uint8_t> to_board_;
    unsigned in_shift_ = 0, in_bits_ = 0, out_shift_ = 0, out_bits_ = 0;
    uint64_t in_next_ = 0, out_next_ = 0;
};

// Lines of standard input, without waiting for them.
class Lines {
public:
    bool over() const { return over_; }

    void poll() {
        char text[4096];
        ssize_t length = read(STDIN_FILENO, text, sizeof text);
        if (length == 0) over_ = true;
        if (length > 0) text_.append(text, size_t(length));
    }

    bool next(std::string& line) {
        size_t end = text_.find('\n');
        if (end == std::string::npos) return false;
        line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return true;
    }

private:
    std::string text_;
    bool over_ = false;
};

}  // namespace

int main() {
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);

    auto context = std::make_unique<VerilatedContext>();
    auto board = std::make_unique<Vversa>(context.get());
    Serial serial(board->serial_rx, board->serial_tx);
    Receiver host_in(board->host_rx_clk, board->host_rx_ctl, board->host_rx_data);
    Receiver link_in(board->link_rx_clk, board->link_rx_ctl, board->link_rx_data);
    Sender host_out("host", board->host_tx_clk, board->host_tx_ctl, board->host_tx_data);
    Sender link_out("link", board->link_tx_clk, board->link_tx_ctl, board->link_tx_data);
    Lines lines;

    uint64_t busy = 0;  // when a line was last
    for (uint64_t now = 0;; now++) {
        if (serial.busy() || host_in.busy() || link_in.busy() || host_out.busy() || link_out.busy()) busy = now;
        bool quiet = now - busy > QUIET;
        if (quiet || now % 4096 == 0) {
            pollfd files[] = {{STDIN_FILENO, POLLIN, 0}, {serial.file(), POLLIN, 0}};
            poll(files, 2, quiet ? -1 : 0);
            if (files[0].revents) lines.poll();
            if (files[1].revents) serial.poll();
            std::string line;
            while (lines.next(line)) {
                size_t space = line.find(' ');
                std::string name = line.substr(0, space);
                bool wrong = !name.empty() && name.back() == '!';
                if (wrong) name.pop_back();
                Octets frame;
                for (size_t at = space + 1; at + 1 < line.size(); at += 2)
                    frame.push_back(uint8_t(strtoul(line.substr(at, 2).c_str(), nullptr, 16)));
                (name == "host" ? host_in : link_in).send(frame, wrong);
            }
            if (lines.over()) break;
        }

        bool changes = false;
        if (now % 5 == 0) {
            board->clk100 = now / 5 % 2;
            changes = true;
        }
        if (now == START) board->rst_n = changes = true;
        changes |= host_in.at(now);
        changes |= link_in.at(now);
        changes |= serial.at(now);
        context->time(now * 1000);
        if (changes || (board->eventsPending() && board->nextTimeSlot() <= context->time())) board->eval();
        host_out.at(now);
        link_out.at(now);
    }
    board->final();
    return 0;
}
