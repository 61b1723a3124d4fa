//! Ethernet: the chip's controller as a device of smoltcp and of embassy-net. There is one
//! buffer for each direction; frames are copied between it and the controller's FIFO.

use super::chip;
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// The largest frame, with its header of 14 bytes and without its checksum.
pub const MTU: usize = 1514;

/// The controller and its buffers.
#[derive(Debug)]
pub struct Nic {
    address: [u8; 6],
    rx: [u8; MTU],
    tx: [u8; MTU],
}

/// A frame that came.
#[derive(Debug)]
pub struct Received<'n>(&'n mut [u8]);

/// Room for a frame that goes.
#[derive(Debug)]
pub struct Room<'n>(&'n mut [u8; MTU]);

impl Nic {
    /// Starts the controller. There is one: make one of these.
    pub fn new() -> Self {
        Self { address: chip::start(), rx: [0; MTU], tx: [0; MTU] }
    }

    /// The hardware address.
    pub const fn address(&self) -> [u8; 6] {
        self.address
    }

    fn next(&mut self) -> Option<(Received<'_>, Room<'_>)> {
        let length = chip::receive(&mut self.rx)?;
        Some((Received(self.rx.get_mut(..length)?), Room(&mut self.tx)))
    }
}

impl Default for Nic {
    fn default() -> Self {
        Self::new()
    }
}

impl Device for Nic {
    type RxToken<'n> = Received<'n>;
    type TxToken<'n> = Room<'n>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Room<'_>)> {
        self.next()
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_>> {
        Some(Room(&mut self.tx))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MTU;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

impl TxToken for Room<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
        // smoltcp keeps to the MTU.
        let frame = &mut self.0[..length];
        let result = fill(frame);
        chip::send(frame);
        result
    }
}

#[cfg(feature = "embassy")]
mod embassy {
    use super::super::chip;
    use super::{MTU, Nic, Received, Room};
    use core::task::Context;
    use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
    use embassy_sync::waitqueue::AtomicWaker;

    static WAKER: AtomicWaker = AtomicWaker::new();

    pub fn interrupt() {
        chip::interrupt_when_received(false);
        WAKER.wake();
    }

    impl Driver for Nic {
        type RxToken<'n> = Received<'n>;
        type TxToken<'n> = Room<'n>;

        fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Room<'_>)> {
            // Armed before the look, so that no frame comes in between unseen.
            WAKER.register(context.waker());
            chip::interrupt_when_received(true);
            self.next()
        }

        fn transmit(&mut self, _: &mut Context<'_>) -> Option<Room<'_>> {
            Some(Room(&mut self.tx))
        }

        fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
            LinkState::Up
        }

        fn capabilities(&self) -> Capabilities {
            let mut capabilities = Capabilities::default();
            capabilities.max_transmission_unit = MTU;
            capabilities.max_burst_size = Some(1);
            capabilities
        }

        fn hardware_address(&self) -> HardwareAddress {
            HardwareAddress::Ethernet(self.address)
        }
    }

    impl embassy_net_driver::RxToken for Received<'_> {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, read: F) -> R {
            read(self.0)
        }
    }

    impl embassy_net_driver::TxToken for Room<'_> {
        fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, fill: F) -> R {
            smoltcp::phy::TxToken::consume(self, length, fill)
        }
    }
}
#[cfg(feature = "embassy")]
pub(super) use embassy::interrupt;
