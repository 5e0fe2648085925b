//! The file of a picture: PNG, 8 bits for each of red, green and blue.

use fdeflate::Compressor;

use crate::render::canvas::Canvas;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
const RGB: u8 = 2;
/// The filter that stores the difference to the row above.
const UP: u8 = 2;

/// The bytes of a file. `filtered` is memory to be used again.
pub(crate) fn encode(canvas: &Canvas, filtered: &mut Vec<u8>) -> Vec<u8> {
    let mut file = Vec::with_capacity(canvas.pixels.len() / 4 + 1024);
    file.extend(SIGNATURE);
    let mut header = Vec::with_capacity(13);
    header.extend(canvas.width.to_be_bytes());
    header.extend(canvas.height.to_be_bytes());
    header.extend([8, RGB, 0, 0, 0]);
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"IDAT", &compressed(canvas, filtered));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn compressed(canvas: &Canvas, filtered: &mut Vec<u8>) -> Vec<u8> {
    let stride = canvas.width as usize * 3;
    filtered.resize((stride + 1) * canvas.height as usize, 0);
    let mut above: &[u8] = &vec![0; stride];
    for (row, out) in canvas.pixels.chunks_exact(stride).zip(filtered.chunks_exact_mut(stride + 1)) {
        out[0] = UP;
        for ((out, byte), above) in out[1..].iter_mut().zip(row).zip(above) {
            *out = byte.wrapping_sub(*above);
        }
        above = row;
    }
    const MEMORY: &str = "writing to memory does not fail";
    let out = Vec::with_capacity(filtered.len() / 4);
    let mut compressor = Compressor::new(out).expect(MEMORY);
    compressor.write_data(filtered).expect(MEMORY);
    compressor.finish().expect(MEMORY)
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend(name);
    file.extend(data);
    let sum = crc(&file[start..]);
    file.extend(sum.to_be_bytes());
}

/// For eight bytes at a time: the sums of a byte that is followed by so many zeros.
const TABLES: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[zeros - 1][byte];
            tables[zeros][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        zeros += 1;
    }
    tables
};

/// The check sum of ISO 3309, which PNG asks for.
fn crc(data: &[u8]) -> u32 {
    let mut sum = !0_u32;
    let (eights, rest) = data.as_chunks::<8>();
    for eight in eights {
        let [a, b, c, d, e, f, g, h] = *eight;
        let low = sum ^ u32::from_le_bytes([a, b, c, d]);
        sum = 0;
        for (at, byte) in low.to_le_bytes().into_iter().chain([e, f, g, h]).enumerate() {
            sum ^= TABLES[7 - at][usize::from(byte)];
        }
    }
    for byte in rest {
        sum = (sum >> 8) ^ TABLES[0][usize::from(sum as u8 ^ byte)];
    }
    !sum
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_sum_is_the_known_one() {
        assert_eq!(super::crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(super::crc(b"IEND"), 0xae42_6082);
    }
}
